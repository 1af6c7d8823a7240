"""
What is written of each row: what is carried through, then each output by its name.

As wherry.plain.replies has them: in columns several values are `output.label` or `output.0`; in
JSON Lines they are an object by label or a list. It refuses a run whose columns would share a name.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wherry.batch import texts
from wherry.batch.arrays import plain
from wherry.batch.chunks import is_raw
from wherry.batch.contract import Format
from wherry.columns import ONE_COLUMN
from wherry.errors import RefusedError
from wherry.manifest import Manifest, TensorSpec
from wherry.plain.replies import labels_of
from wherry.protocol.signature import VARIABLE, quoted

Outputs = Mapping[str, NDArray[Any]]


class Results:
    """Turns the outputs of one model into columns or lines."""

    def __init__(self, manifest: Manifest) -> None:
        self._specs = manifest.outputs
        self._labels = {spec.name: labels_of(spec, manifest) for spec in manifest.outputs}

    def check_names(self, kept: Sequence[str], to: Format) -> None:
        """Before the run: afterwards no one could tell which column is which."""
        for spec in self._specs:
            if spec.shape[:1] != (VARIABLE,):
                raise RefusedError(
                    f"output {quoted(spec.name)}",
                    f"its shape is {quoted(list(spec.shape))}: not one for each row",
                    "A batch wants a model that answers each row by itself.",
                )
            for name in kept:
                if name == spec.name or (to != "jsonl" and self._is_column(name, spec)):
                    raise RefusedError(
                        f"column {quoted(name)}",
                        "it is to be kept, and an output is called so too",
                        "Name the columns to keep, without it.",
                    )

    def _is_column(self, name: str, spec: TensorSpec) -> bool:
        """Whether one of several columns of an output is called so."""
        start = f"{spec.name}."
        if not name.startswith(start) or spec.shape[1:] in ONE_COLUMN:
            return False
        head = name.removeprefix(start)
        labels = self._labels[spec.name]
        return head in labels if labels else _is_place(head, spec.shape[1:])

    def table(self, kept: pa.Table, outputs: Outputs) -> pa.Table:
        """One column for each value, for Parquet."""
        columns = [(name, _plainly(kept[name])) for name in kept.column_names]
        columns += [(head, _array(values)) for head, values in self._columns(outputs)]
        return pa.table([column for _, column in columns], names=[name for name, _ in columns])

    def csv_head(self, kept: pa.Table, outputs: Outputs) -> bytes:
        """The header line."""
        names = [*kept.column_names, *(head for head, _ in self._columns(outputs))]
        cells: list[Any] = texts.csv_texts(pa.array(names, pa.string())).to_pylist()
        return ",".join(cells).encode() + b"\n"

    def csv_lines(self, kept: pa.Table, outputs: Outputs) -> pa.Array:
        """One text a row, with its newline."""
        cells = [texts.csv_column(_plainly(kept[name])) for name in kept.column_names]
        for _, values in self._columns(outputs):
            if values.dtype.hasobject:
                cells.append(texts.csv_texts(_array(values)))
            else:
                cells.append(texts.csv_numbers(values))
        if len(cells) == 1:  # a blank line would be no row
            cells = [pc.if_else(pc.equal(cells[0], ""), '""', cells[0])]
        parts: list[Any] = []
        for cell in cells:
            parts += [cell, ","]
        return texts.joined([*parts[:-1], "\n"])

    def json_lines(self, kept: pa.Table, outputs: Outputs) -> pa.Array:
        """One object a row, with its newline."""
        values = {name: _json_kept(kept, name) for name in kept.column_names}
        values |= {name: self._json(name, told) for name, told in outputs.items()}
        parts: list[Any] = []
        for name, column in values.items():
            parts += [f"{',' if parts else '{'}{orjson.dumps(name).decode()}:", column]
        return texts.joined([*parts, "}\n"])

    def _json(self, name: str, array: NDArray[Any]) -> Any:
        labels = self._labels[name]
        if labels:
            parts: list[Any] = []
            for label, values in zip(labels, array.T, strict=True):
                parts += [f"{',' if parts else '{'}{orjson.dumps(label).decode()}:"]
                parts += [texts.json_numbers(values)]
            return texts.joined([*parts, "}"])
        if array.shape[1:] in ONE_COLUMN:
            flat = array.ravel()
            return (
                texts.json_texts(_array(flat))
                if array.dtype.hasobject
                else texts.json_numbers(flat)
            )
        if array.dtype.hasobject:
            return pa.array([orjson.dumps(row).decode() for row in array.tolist()], pa.string())
        return texts.json_numbers(array)

    def _columns(self, outputs: Outputs) -> Iterator[tuple[str, NDArray[Any]]]:
        for name, array in outputs.items():
            if array.shape[1:] in ONE_COLUMN:
                yield name, array.ravel()
                continue
            flat = array.reshape(len(array), -1)
            heads = self._labels[name] or range(prod(array.shape[1:]))
            for head, values in zip(heads, flat.T, strict=True):
                yield f"{name}.{head}", values


def _is_place(text: str, shape: Sequence[int]) -> bool:
    """Whether it numbers a value of a row; where their number is not known, any may be one."""
    if not text.isdecimal() or str(int(text)) != text:
        return False
    return any(size < 0 for size in shape) or int(text) < prod(shape)


def _json_kept(kept: pa.Table, name: str) -> pa.Array:
    column = _plainly(kept[name])
    return column if is_raw(kept, name) else texts.json_column(column)


def _array(values: NDArray[Any]) -> pa.Array:
    return pa.array(np.ascontiguousarray(values), pa.string() if values.dtype.hasobject else None)


def _plainly(column: Any) -> pa.Array:
    """In one piece, and a text as a text."""
    column = plain(column)
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column
