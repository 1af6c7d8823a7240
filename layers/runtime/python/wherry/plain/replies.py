"""
A model's outputs to a plain answer: one object, or one line of CSV, for each row.

An output is told by its name: a single value as that value, several as a list, and what a
classifier says of each label as an object by label. JSON has no NaN and no infinity: both are null,
and an empty cell in CSV. Fractions have the digits of their own precision.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from wherry.errors import RequestError
from wherry.manifest import Manifest, TensorSpec
from wherry.protocol.signature import quoted
from wherry.release import Release

Outputs = Mapping[str, NDArray[Any]]


def labels_of(spec: TensorSpec, manifest: Manifest) -> tuple[str, ...]:
    """The labels that the columns of an output stand for, if they do."""
    each = spec.datatype.startswith("FP") and spec.shape[1:] == (len(manifest.labels),)
    return manifest.labels if each and manifest.task == "classification" else ()


class Replies:
    """Writes the plain answers of one release."""

    def __init__(self, manifest: Manifest, release: Release) -> None:
        self._head = {"model": release.model, "version": str(release.version)}
        self._labels = {spec.name: labels_of(spec, manifest) for spec in manifest.outputs}

    def to_json(self, outputs: Outputs, *, rows: int, one: bool) -> bytes:
        """A list of predictions, or one prediction where one row came by itself."""
        tables = _by_rows(outputs, rows)
        columns = [self._values(name, table) for name, table in tables.items()]
        told = [dict(zip(outputs, values, strict=True)) for values in zip(*columns, strict=True)]
        answer = {"prediction": told[0]} if one else {"predictions": told}
        return orjson.dumps({**self._head, **answer}, option=orjson.OPT_SERIALIZE_NUMPY)

    def to_csv(self, outputs: Outputs, *, rows: int) -> bytes:
        """A header line, and one line a row; several values are headed `name.label` or `name.0`."""
        tables = _by_rows(outputs, rows)
        heads = chain.from_iterable(self._heads(name, table) for name, table in tables.items())
        columns = chain.from_iterable(_cells(table) for table in tables.values())
        file = StringIO(newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(zip(*columns, strict=True))
        return file.getvalue().encode()

    def _values(self, name: str, table: NDArray[Any]) -> Sequence[Any]:
        labels = self._labels[name]
        if labels:
            return [dict(zip(labels, row, strict=True)) for row in table]
        if _is_single(table):
            return _scalars(table)
        return table.tolist() if table.dtype.hasobject else list(np.ascontiguousarray(table))

    def _heads(self, name: str, table: NDArray[Any]) -> Iterable[str]:
        if _is_single(table):
            return [name]
        parts = self._labels[name] or range(prod(table.shape[1:]))
        return [f"{name}.{part}" for part in parts]


def _by_rows(outputs: Outputs, rows: int) -> Outputs:
    for name, array in outputs.items():
        if not array.ndim or array.shape[0] != rows:
            raise RequestError(
                f"output {quoted(name)}",
                f"{rows} rows came, and its shape is {quoted(list(array.shape))}: not one for each",
                "Send tensors to /v2/models/…/infer.",
            )
    return outputs


def _is_single(table: NDArray[Any]) -> bool:
    return table.shape[1:] in ((), (1,))


def _scalars(table: NDArray[Any]) -> list[Any]:
    """Python's own values; of single and half precision NumPy's, which orjson writes as short."""
    flat = table.ravel()
    return list(flat) if flat.dtype.kind == "f" else flat.tolist()


def _cells(table: NDArray[Any]) -> list[list[Any]]:
    """Column by column."""
    flat = table.reshape(len(table), -1) if len(table) else table.reshape(0, 0)
    return [_column(column) for column in flat.T]


def _column(column: NDArray[Any]) -> list[Any]:
    """Cell by cell only where one may be written otherwise than as it is."""
    values, kind = _scalars(column), column.dtype.kind
    if kind in "iuO" or (kind == "f" and np.isfinite(column).all()):
        return values
    return [_cell(value) for value in values]


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case np.floating():
            return value if np.isfinite(value) else ""
    return value
