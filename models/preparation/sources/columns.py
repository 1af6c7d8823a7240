"""
What an estimator takes: one table of numbers, or, where it learnt from columns of text, one input a
column, called as the column is.

A data frame's types are not kept by scikit-learn. What a column held is told by what encodes it: a
column whose categories are texts is text, one that is only encoded as whole numbers is INT64, and
every other one is FP32. A missing number is NaN, a missing text the empty one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.preparation.steps.pipeline import INPUT
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

Kind = Literal["FP32", "INT64", "BYTES", "drop"]


@dataclass(frozen=True)
class Columns:
    """
    `names` are those of the data frame that was learnt, else empty. `kinds` has each column's.
    `missing` has what an empty text stood for when the estimator learnt: "", None or NaN.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    missing: tuple[Any, ...]

    @property
    def apart(self) -> bool:
        """Whether each column is an input of its own."""
        return "BYTES" in self.kinds

    def specs(self) -> tuple[TensorSpec, ...]:
        if not self.apart:
            return (TensorSpec(INPUT, "FP32", (-1, len(self.kinds))),)
        return tuple(
            TensorSpec(name, kind, (-1, 1))
            for name, kind in zip(self.titles(), self.kinds, strict=True)
            if kind != "drop"
        )

    def titles(self) -> tuple[str, ...]:
        return self.names or self.plain()

    def plain(self) -> tuple[str, ...]:
        """Names of columns that a converter leaves alone."""
        return tuple(f"column_{number}" for number in range(len(self.kinds)))

    def renamed(self) -> dict[str, str]:
        """The names of the inputs by those that the converter was given."""
        if not self.apart:
            return {INPUT: INPUT}
        told = zip(self.plain(), self.titles(), self.kinds, strict=True)
        return {plain: title for plain, title, kind in told if kind != "drop"}

    def rows(self, feeds: Mapping[str, NDArray[Any]]) -> Any:
        """What the estimator learnt from: a data frame where it was one, else an array."""
        if not self.apart:
            table = feeds[INPUT]
            return self._frame(dict(zip(self.names, table.T, strict=True))) if self.names else table
        columns = {}
        rows = len(next(iter(feeds.values())))
        for title, kind, missing in zip(self.titles(), self.kinds, self.missing, strict=True):
            if kind == "drop":
                columns[title] = np.full(rows, np.nan)
            else:
                columns[title] = _column(feeds[title], kind, missing)
        if self.names:
            return self._frame(columns)
        return np.stack([column.astype(object) for column in columns.values()], axis=1)

    def _frame(self, columns: dict[str, Any]) -> Any:
        import pandas as pd

        # pandas would take texts for its own type, in which nothing is None.
        return pd.DataFrame(
            {name: pd.Series(each, dtype=each.dtype) for name, each in columns.items()}
        )


def columns_of(
    estimator: Any, width: int | None = None, declared: tuple[TensorSpec, ...] = ()
) -> Columns:
    """
    `declared` inputs win over what is inferred; `width` is for estimators that do not know theirs.

    Raise ConfigurationError if nobody knows how many columns it takes.
    """
    names = _names(estimator)
    count = getattr(estimator, "n_features_in_", width) or len(names)  # CatBoost's is 0, read again
    if not count:
        raise ConfigurationError(
            type(estimator).__name__,
            "it does not tell how many columns it learnt",
            "Fit it, with a scikit-learn of version 1.0 or later; save a Booster by its own "
            "save_model, as .ubj, .txt or .cbm.",
        )
    used: list[list[_Use]] = [[] for _ in range(count)]
    _trace(estimator, list(range(count)), used)
    kinds = [_kind(each) for each in used]
    told = Columns(names, tuple(kinds), tuple(map(_missing, used)))
    by_name = {each.name: each.datatype for each in declared}
    for number, title in enumerate(told.titles()):
        if by_name.get(title) in {"FP32", "INT64", "BYTES"}:
            kinds[number] = by_name[title]  # type: ignore[assignment] # one of three, see above
    return Columns(names, tuple(kinds), told.missing)


def _names(estimator: Any) -> tuple[str, ...]:
    """Of the data frame that was learnt; CatBoost calls them otherwise, and numbers an array's."""
    told = getattr(estimator, "feature_names_in_", getattr(estimator, "feature_names_", None))
    return () if told is None else tuple(map(str, told))


@dataclass(frozen=True)
class _Use:
    """What one step makes of a column; `categories` are those that it knows."""

    kind: Kind
    categories: tuple[Any, ...] = ()


def _trace(estimator: Any, columns: list[int], used: list[list[_Use]]) -> None:
    """Note what an estimator makes of each of its columns."""
    if hasattr(estimator, "transformers_") and hasattr(estimator, "_transformer_to_input_indices"):
        _trace_columns(estimator, columns, used)
    elif inner := _inner(estimator):
        for each in inner:
            _trace(each, columns, used)
    else:
        for place, column in enumerate(columns):
            used[column].append(_use(estimator, place))


def _trace_columns(estimator: Any, columns: list[int], used: list[list[_Use]]) -> None:
    indices = estimator._transformer_to_input_indices  # noqa: SLF001 - names are told, indices not
    for name, transformer, _ in estimator.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        _trace(transformer, [columns[each] for each in indices[name]], used)


def _inner(estimator: Any) -> list[Any]:
    """Those that take the same columns as the estimator itself does."""
    if getattr(estimator, "best_estimator_", None) is not None:
        return [estimator.best_estimator_]
    if getattr(estimator, "steps", None):
        steps = [each for _, each in estimator.steps if each not in (None, "passthrough")]
        return steps[:1] if not _is_imputer(steps[0]) or _knows_text(steps[0]) else steps[:2]
    if hasattr(estimator, "transformer_list"):
        return [each for _, each in estimator.transformer_list if not isinstance(each, str)]
    if hasattr(estimator, "calibrated_classifiers_"):
        return [estimator.calibrated_classifiers_[0].estimator]
    members = getattr(estimator, "estimators_", None)
    if isinstance(members, list) and members and hasattr(members[0], "steps"):
        return members[:1]
    return [estimator.estimator_] if hasattr(estimator, "estimator_") else []


def _is_imputer(step: Any) -> bool:
    return hasattr(step, "statistics_") and hasattr(step, "missing_values")


def _knows_text(imputer: Any) -> bool:
    return any(isinstance(each, str) for each in np.asarray(imputer.statistics_).tolist())


def _use(estimator: Any, place: int) -> _Use:
    if hasattr(estimator, "categories_"):
        categories = tuple(np.asarray(estimator.categories_[place]).tolist())
        return _Use(_kind_of_categories(categories), categories)
    if _is_imputer(estimator) and isinstance(estimator.statistics_[place], str):
        missing = estimator.missing_values
        return _Use("BYTES", (missing,) if missing == "" else ())
    return _Use("BYTES" if hasattr(estimator, "vocabulary_") else "FP32")


def _kind_of_categories(categories: Iterable[Any]) -> Kind:
    known = [each for each in categories if each is not None and each == each]  # noqa: PLR0124 - NaN
    if any(isinstance(each, str) for each in known):
        return "BYTES"
    return "INT64" if all(isinstance(each, int) for each in known) else "FP32"


def _kind(uses: list[_Use]) -> Kind:
    kinds = {each.kind for each in uses}
    if "BYTES" in kinds:
        return "BYTES"
    return "drop" if not kinds else ("INT64" if kinds == {"INT64"} else "FP32")


def _missing(uses: list[_Use]) -> Any:
    known = [category for use in uses for category in use.categories]
    if "" in known:
        return ""
    return None if any(each is None for each in known) else np.nan


def _column(values: NDArray[Any], kind: Kind, missing: Any) -> NDArray[Any]:
    column = np.asarray(values).reshape(len(values))
    if kind != "BYTES":
        return column
    texts = np.asarray(column.astype(np.str_).tolist(), dtype=object)
    texts[texts == ""] = missing
    return texts
