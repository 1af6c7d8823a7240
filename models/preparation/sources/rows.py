"""
Held-out rows of a model that came as a file: a CSV with a header line, or NumPy's .npz.

They are read by the names of the model's inputs, or of its columns. Without any, the model is still
judged by the rows that parity makes up, and its certificate says that no real row was tried.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from models.preparation.config import ModelConfig
from models.preparation.kept import Kept, columns_of
from models.preparation.sources.config import SourceTable
from models.preparation.sources.source import Facts
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec
from wherry.protocol.datatypes import TO_NUMPY

Rows = NDArray[Any]
SHOWN = 10  # labels


def read_rows(config: ModelConfig, told: SourceTable, facts: Facts) -> Kept:
    """Raise ConfigurationError unless the file has what the model takes, and the target."""
    tensor = config.steps.input
    inputs = (tensor,) if tensor is not None else facts.inputs
    path = None if told.held_out is None else config.path.parent / told.held_out
    names = tuple(feature.name for feature in config.features) or facts.columns
    where = f"{config.path}: [source] held_out"
    rows = rows_of_file(where, path, told.target, inputs, names)
    check_labels(where, rows, facts.labels)
    return rows


def rows_of_file(
    where: str,
    given: Path | Mapping[str, Rows] | None,
    target: str | None,
    inputs: Sequence[TensorSpec],
    names: Sequence[str],
) -> Kept:
    """
    Rows by input, of a file or of arrays by name; none, where None is given.

    `names` are those of the columns, where one input has several; `where` is for messages.
    """
    if given is None:
        return _none(inputs)
    named = dict(given) if isinstance(given, Mapping) else _read(where, given)
    if any(np.shape(array)[:1] == (0,) for array in named.values()):
        raise ConfigurationError(where, "it has no rows", "Give some, or leave the file out.")
    truth = _taken(where, named, target)
    if len(inputs) == 1:
        return Kept(_table(where, named, inputs[0], names), truth)
    missing = [each.name for each in inputs if each.name not in named]
    if missing:
        raise ConfigurationError(where, f"it has no {', '.join(map(repr, missing))}", _has(named))
    for each in inputs:
        _check_numbers(where, each.name, named[each.name], each)
    return Kept({each.name: _fitted(named[each.name], each) for each in inputs}, truth)


def _read(where: str, path: Path) -> dict[str, Rows]:
    import pandas as pd

    try:
        if path.suffix == ".npz":
            with path.open("rb") as file, np.load(file, allow_pickle=False) as told:
                return dict(told)
        return columns_of(pd.read_csv(path))
    except (ValueError, OSError, BadZipFile, TypeError) as error:
        what = str(error).partition("\n")[0].rstrip(".")
        todo = "Give a CSV with a header line, or an .npz of plain arrays."
        raise ConfigurationError(where, f"it cannot be read: {what}", todo) from error


def _none(inputs: Sequence[TensorSpec]) -> Kept:
    empty = {
        each.name: np.zeros((0, *(abs(size) for size in each.shape[1:])), _dtype(each))
        for each in inputs
    }
    return Kept(next(iter(empty.values())) if len(empty) == 1 else empty, None)


def _dtype(spec: TensorSpec) -> Any:
    return np.dtype(np.str_) if spec.datatype == "BYTES" else TO_NUMPY[spec.datatype]


def _fitted(array: Rows, spec: TensorSpec) -> Rows:
    return array.reshape(len(array), 1) if spec.shape[1:] == (1,) else array


def _table(where: str, named: dict[str, Rows], spec: TensorSpec, names: Sequence[str]) -> Rows:
    """The one input: under its own name, or as its columns, or as all columns that there are."""
    if spec.name in named:
        return _fitted(named[spec.name], spec)
    (first, *others) = named.values()
    if not others and first.ndim > 1 and _has_shape(first, spec):
        return first  # the one tensor, under a name of somebody else's
    chosen = names if names and all(name in named for name in names) else tuple(named)
    width = spec.shape[1] if len(spec.shape) > 1 else 1
    if width not in (-1, len(chosen)):
        missing = [name for name in names if name not in named]
        what = f"it has {len(chosen)} columns, and the model takes {width}"
        if 0 < len(missing) < len(names):
            what = f"it has no {', '.join(map(repr, missing))}"
        raise ConfigurationError(where, what, _has(named))
    for name in chosen:
        _check_numbers(where, name, named[name], spec)
    return np.concatenate([named[name].reshape(-1, 1) for name in chosen], axis=1)


def _has_shape(array: Rows, spec: TensorSpec) -> bool:
    sizes = zip(array.shape[1:], spec.shape[1:], strict=False)
    return array.ndim == len(spec.shape) and all(size in {-1, got} for got, size in sizes)


def _check_numbers(where: str, name: str, array: Rows, spec: TensorSpec) -> None:
    """Before a library says so of its own, in words that name no column."""
    if spec.datatype != "BYTES" and array.dtype.kind in "OSU":
        texts = [text for text in map(str, array.ravel()) if not _is_number(text)]
        raise ConfigurationError(
            where,
            f"its column {name!r} holds text" + (f", such as {texts[0]!r}" if texts else ""),
            "Give numbers, as the model learnt them; leave a gap empty.",
        )


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def check_labels(where: str, rows: Kept, labels: Sequence[str | int] | None) -> None:
    """Raise ConfigurationError if no row's truth is a label of the model: both are other words."""
    if labels is None or rows.y is None:
        return
    truth = sorted({_word(each) for each in np.ravel(rows.y).tolist()})
    if truth and not {str(each) for each in labels} & {*truth, *map(str, np.ravel(rows.y))}:
        raise ConfigurationError(
            where,
            f"its target is {', '.join(truth[:SHOWN])}, and the model knows "
            f"{', '.join(map(str, labels[:SHOWN]))}",
            "Name the column of the truth (--target), in the words that the model learnt.",
        )


def _word(value: Any) -> str:
    """Of a whole number that a gap made a float, and of a bool, what a model calls it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _taken(where: str, named: dict[str, Rows], target: str | None) -> Rows | None:
    if target is None:
        return None
    if target not in named:
        raise ConfigurationError(where, f"it has no column {target!r}", _has(named))
    return named.pop(target).reshape(-1)


def _has(named: dict[str, Rows]) -> str:
    return f"It has: {', '.join(named)}."
