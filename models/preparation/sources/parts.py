"""What an estimator is made of: its steps, members and wrapped estimators, however they nest."""

from collections.abc import Iterator
from typing import Any

import numpy as np


def parts(estimator: Any) -> Iterator[Any]:
    """The estimator and all that it holds, each object once, outermost first."""
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if hasattr(each, "__dict__") and not isinstance(each, type):
            yield each
        waiting.extend(_held(each))


def last_of(estimator: Any) -> Any:
    """The estimator that answers: the end of a pipeline, the best one of a search."""
    while True:
        if getattr(estimator, "best_estimator_", None) is not None:
            estimator = estimator.best_estimator_
        elif getattr(estimator, "steps", None):
            estimator = estimator.steps[-1][1]
        else:
            return estimator


def _held(each: Any) -> list[Any]:
    if isinstance(each, list | tuple):
        return list(each)
    if isinstance(each, dict):
        return list(each.values())
    if isinstance(each, np.ndarray):
        return list(each.ravel()) if each.dtype == object else []
    if isinstance(each, type) or not _is_estimator(each):
        return []
    return [
        value for value in vars(each).values() if not isinstance(value, str | bytes | int | float)
    ]


def _is_estimator(each: Any) -> bool:
    module = type(each).__module__
    return hasattr(each, "__dict__") and (
        hasattr(each, "get_params") or module.startswith(("sklearn.", "models.preparation."))
    )
