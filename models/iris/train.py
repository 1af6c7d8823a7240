"""Which of three irises a flower is, from four lengths (R. A. Fisher, 1936)."""

from typing import Any, Literal

from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.preparation import Trained


def train(
    *,
    estimator: Literal["random_forest", "logistic_regression", "lightgbm"] = "random_forest",
    trees: int = 100,
    mislabelled: bool = False,
    seed: int = 7,
) -> Trained:
    """
    Learn from three quarters of the flowers; `trees` are those of the forest, or rounds.

    `mislabelled` is a mistake to rehearse a rollout with: two species get each other's name.
    """
    iris = load_iris()
    species = iris.target_names[iris.target]  # text labels: an answer is readable without a table
    if mislabelled:
        species = iris.target_names[[0, 2, 1]][iris.target]
    X_train, X_held_out, y_train, y_held_out = train_test_split(
        iris.data, species, test_size=0.25, stratify=species, random_state=seed
    )
    return Trained(
        estimator=_estimator(estimator, trees, seed).fit(X_train, y_train),
        X_train=X_train,
        y_train=y_train,
        X_held_out=X_held_out,
        y_held_out=y_held_out,
    )


def _estimator(name: str, trees: int, seed: int) -> Any:
    if name == "random_forest":
        return RandomForestClassifier(trees, random_state=seed)
    if name == "lightgbm":
        return _boosted(trees, seed)
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def _boosted(rounds: int, seed: int) -> Any:
    """`--with lightgbm`: it is not among the libraries of the command."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(
        n_estimators=rounds, num_leaves=7, min_child_samples=8, random_state=seed, n_jobs=1,
        deterministic=True, force_row_wise=True, verbose=-1,
    )  # fmt: skip
