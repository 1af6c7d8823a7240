"""
What skl2onnx converts to something that answers otherwise: refused, each with its reason.

Measured on real rows and on thresholds: see the tests of tabular sources.
"""

from typing import Any

from models.preparation.sources.parts import parts
from wherry.errors import ConfigurationError

PLAIN = "Choose another estimator, or leave the step out and declare it as [[pipeline.post]]."
LOG = {"poisson", "gamma"}
FOREIGN = ("lightgbm", "catboost")


def check_sound(estimator: Any) -> None:
    """Raise ConfigurationError if it, or what it is made of, would answer otherwise."""
    for each in parts(estimator):
        reason = _reason(each)
        if reason:
            raise ConfigurationError(type(each).__name__, reason, PLAIN)


def _reason(part: Any) -> str:
    match type(part).__name__:
        case "HistGradientBoostingRegressor" if part.loss in LOG:
            return f"skl2onnx leaves out the exponential of loss = {part.loss!r}"
        case "TunedThresholdClassifierCV":
            return "skl2onnx rounds its threshold, and rows that are on it change sides"
        case "RadiusNeighborsClassifier":
            return "what skl2onnx makes of it fails on rows without neighbours"
        case "CalibratedClassifierCV" if part.method == "isotonic":
            return "skl2onnx rounds the steps of an isotonic calibration"
        case "CalibratedClassifierCV" if _of_foreign(part):
            return "skl2onnx calibrates other numbers of that library than scikit-learn does"
    return ""


def _of_foreign(calibration: Any) -> bool:
    return any(type(each).__module__.startswith(FOREIGN) for each in parts(calibration))
