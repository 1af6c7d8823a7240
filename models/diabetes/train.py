"""How far a diabetes goes within a year, by ten measurements (Efron and others, 2004)."""

from typing import Literal

from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.preparation import Trained


def train(*, estimator: Literal["ridge", "boosting"] = "ridge", seed: int = 7) -> Trained:
    """Learn from three quarters of the patients, in the units that a doctor would use."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X_train, X_held_out, y_train, y_held_out = train_test_split(
        X, y, test_size=0.25, random_state=seed
    )
    models = {
        "ridge": make_pipeline(StandardScaler(), RidgeCV(alphas=[0.1, 1, 10, 100])),
        "boosting": GradientBoostingRegressor(
            n_estimators=60, max_depth=2, learning_rate=0.08, random_state=seed
        ),
    }
    return Trained(
        estimator=models[estimator].fit(X_train, y_train),
        X_train=X_train,
        y_train=y_train,
        X_held_out=X_held_out,
        y_held_out=y_held_out,
    )
