"""What a model's `train.py` returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

DataFrame = Any  # of pandas, which is imported by scripts that have columns of text


@dataclass(frozen=True, kw_only=True)
class Trained:
    """
    A fitted estimator, the rows that it learnt, and the rows that it never saw.

    The estimator is one of scikit-learn's, or has its interface; or a module of PyTorch, whose
    answers are numbers a row. Rows are an array, or a data frame where columns hold text.

    The held-out rows judge it twice: for the metrics, and for the conversion's parity. `metrics`
    are the author's own, beside those that Wherry measures itself.

    With a `tokenizer` (what `Tokenizer.to_str()` tells), rows are texts, and the estimator takes
    their `models.preparation.texts.token_counts`.
    """

    estimator: Any
    X_train: NDArray[Any] | DataFrame
    y_train: NDArray[Any]
    X_held_out: NDArray[Any] | DataFrame
    y_held_out: NDArray[Any]
    metrics: Mapping[str, float] = field(default_factory=dict)
    tokenizer: str | None = None
