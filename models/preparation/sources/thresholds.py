"""
Thresholds of histogram boosting, binning and the like, rounded to float32 before conversion.

They are doubles, and the converters round them to the nearest float32, so that a row on a split
takes the wrong branch. Rows are float32, and `x <= t` holds for a float32 x exactly if
`x <= floor32(t)` does. Estimators of one's own are converted by `trees`, which rounds alike.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.parts import parts
from wherry.errors import ConfigurationError


def floor32(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 that is not above each threshold; infinities and NaN stay."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > thresholds, below, nearest).astype(np.float32)


def round_thresholds(estimator: Any) -> None:
    """In place, so of a copy; whatever holds them: a pipeline, a search, a vote, a stack."""
    for each in parts(estimator):
        if hasattr(each, "_predictors") and hasattr(each, "is_categorical_"):
            _round(each)
        elif hasattr(each, "bin_edges_") and hasattr(each, "n_bins_"):
            # A row on the edge is in the upper bin: `x >= e`, so edges go up.
            each.bin_edges_ = [-floor32(-np.asarray(edges)) for edges in each.bin_edges_]
        elif type(each).__name__ == "Binarizer":
            each.threshold = float(floor32(np.array(each.threshold, np.float64)))


def _round(boosting: Any) -> None:
    if boosting.is_categorical_ is not None and np.any(boosting.is_categorical_):
        raise ConfigurationError(
            type(boosting).__name__,
            "it splits on categories, which the trees of ONNX do not hold as it does",
            "Train it after a OneHotEncoder or an OrdinalEncoder, without categorical_features.",
        )
    for iteration in boosting._predictors:  # noqa: SLF001 - scikit-learn tells them nowhere else
        for tree in iteration:
            nodes = tree.nodes.copy()
            nodes["num_threshold"] = floor32(nodes["num_threshold"])
            tree.nodes = nodes
