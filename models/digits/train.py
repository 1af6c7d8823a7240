"""Which digit an 8 x 8 image of handwriting shows (UCI's optical digits; scikit-learn's copy)."""

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from models.preparation import Trained


def train(*, c: float = 10.0, seed: int = 7) -> Trained:
    """Learn from three quarters of the images; `c` says how closely (it is scikit-learn's C)."""
    X, y = load_digits(return_X_y=True)
    X_train, X_held_out, y_train, y_held_out = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    classifier = make_pipeline(MinMaxScaler(), LogisticRegression(C=c, max_iter=2000))
    return Trained(
        estimator=classifier.fit(X_train, y_train),
        X_train=X_train,
        y_train=y_train,
        X_held_out=X_held_out,
        y_held_out=y_held_out,
    )
