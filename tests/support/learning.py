"""The public data that estimators of tests learn from, and what names an estimator in a test."""

from typing import Any

from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

FLOWERS = load_iris(return_X_y=True)
TUMOURS = load_breast_cancer(return_X_y=True)
PATIENTS = load_diabetes(return_X_y=True)
SEED = {"random_state": 0}


def name_of(estimator: Any) -> str:
    return type(estimator[0] if isinstance(estimator, tuple) else estimator).__name__
