"""
What a caller wants answered, as requests that can be cut by rows; here of tensors.

They go as binary data: less than half as long as JSON, and every number as it is. The checks are
those of the server, by the same code, so that what is wrong costs no request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from wherry.client.descriptions import Signature
from wherry.client.flow import Answer, Ask
from wherry.client.predictions import Prediction, joined
from wherry.client.reading import tensors_of
from wherry.errors import RequestError
from wherry.limits import Limits
from wherry.manifest import TensorSpec
from wherry.protocol import binary_tensors
from wherry.protocol.array_tensors import cast
from wherry.protocol.body import HEADER_LENGTH
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.signature import (
    VARIABLE,
    check_inputs_named,
    check_known,
    check_rows_agree,
    check_shape,
    quoted,
)

JSON, BINARY = "application/json", "application/octet-stream"
ENVELOPE = 2048  # the names, the shapes and the parameters around the data
_SINGLE = str | bytes | int | float | np.generic | None
_TEXT = 36  # bytes of a text that is not known yet

P = TypeVar("P")
Inputs = Mapping[str, ArrayLike]


class Payload(Protocol[P]):
    """What is asked of one model; `rows` is None where it cannot be cut."""

    @property
    def model(self) -> str: ...

    @property
    def rows(self) -> int | None: ...

    def cut(self, start: int, stop: int) -> "Payload[P]":
        """Of these rows alone."""
        ...

    def fitting(self, limits: Limits) -> int:
        """About how many rows fit in one request, and their answer; at least one."""
        ...

    def ask(self) -> Ask:
        """The request."""
        ...

    def read(self, answer: Answer, where: str) -> P:
        """What the answer says."""
        ...

    def join(self, parts: Sequence[P]) -> P:
        """The answers to its cuts, in order, as one."""
        ...


def tensors(told: Inputs | NDArray[Any], names: Sequence[str], of: Signature) -> "Tensors":
    """Arrays, or nested lists, as the model wants them; one array goes to its one input."""
    if isinstance(told, np.ndarray):
        if len(of.inputs) != 1:
            raise RequestError(
                "inputs", f"one array came; the model has {', '.join(map(quoted, of.inputs))}"
            )
        told = {next(iter(of.inputs)): told}
    _check_no_row(told, of)
    check_inputs_named(told.keys(), of.inputs)
    for name in names:
        check_known("output", name, of.outputs)
    arrays = {}
    for name, spec in of.inputs.items():
        array = cast(f"input {quoted(name)}", told[name], spec.datatype)
        arrays[name] = array.reshape(-1, 1) if _is_column(spec, array) else array
        check_shape(spec, arrays[name].shape)
    check_rows_agree(of.inputs, arrays)
    return Tensors(of, arrays, tuple(names))


@dataclass(frozen=True)
class Tensors:
    """Tensors of the model's own datatypes, for the named outputs, or all."""

    of: Signature
    arrays: Mapping[str, NDArray[Any]]
    names: tuple[str, ...]

    @property
    def model(self) -> str:
        """See Payload."""
        return self.of.model

    @property
    def rows(self) -> int | None:
        """See Payload; an output that is no row for each input would be lost in a cut."""
        wanted = [self.of.outputs[name] for name in self.names or self.of.outputs]
        by_row = self._by_row
        if not by_row or any(spec.shape[:1] != (VARIABLE,) for spec in wanted):
            return None
        return len(self.arrays[by_row[0]])

    def cut(self, start: int, stop: int) -> "Tensors":
        """See Payload."""
        cut = {name: self.arrays[name][start:stop] for name in self._by_row}
        return Tensors(self.of, {**self.arrays, **cut}, self.names)

    def fitting(self, limits: Limits) -> int:
        """See Payload."""
        rows = max(1, self.rows or 1)
        cut = self.arrays.keys() & set(self._by_row)
        whole = sum(_size(array) for name, array in self.arrays.items() if name not in cut)
        a_row = sum(_size(self.arrays[name]) for name in cut) / rows
        elements = max((self.arrays[name].size for name in cut), default=0) / rows
        answer = sum(
            width(spec.shape[1:]) * _bytes(spec.datatype)
            for name, spec in self.of.outputs.items()
            if not self.names or name in self.names
        )
        return fitting(
            limits.rows,
            (limits.body_bytes - ENVELOPE - whole, a_row),
            (limits.answer_bytes - ENVELOPE, answer),
            (limits.elements, elements),
        )

    def ask(self) -> Ask:
        """See Payload."""
        tail: list[memoryview | bytes] = []
        message: dict[str, Any] = {
            "inputs": [self._input(name, tail) for name in self.arrays],
            "parameters": {"binary_data_output": True},
        }
        if self.names:
            message["outputs"] = [{"name": name} for name in self.names]
        head = orjson.dumps(message)
        headers = {"content-type": BINARY, HEADER_LENGTH.lower(): str(len(head))}
        path = f"/v2/models/{quote(self.model, safe='')}/infer"
        return Ask("POST", path, headers, b"".join([head, *tail]))

    def _input(self, name: str, tail: list[memoryview | bytes]) -> dict[str, Any]:
        array = self.arrays[name]
        pieces = binary_tensors.to_bytes(array)
        tail += pieces
        return {
            "name": name,
            "datatype": self.of.inputs[name].datatype,
            "shape": array.shape,
            "parameters": {"binary_data_size": sum(map(len, pieces))},
        }

    def read(self, answer: Answer, where: str) -> Prediction:
        """See Payload."""
        return tensors_of(answer, where)

    def join(self, parts: Sequence[Prediction]) -> Prediction:
        """See Payload."""
        return joined(parts)

    @property
    def _by_row(self) -> list[str]:
        return [name for name, spec in self.of.inputs.items() if spec.shape[:1] == (VARIABLE,)]


def _is_column(spec: TensorSpec, array: NDArray[Any]) -> bool:
    """One value for each row, where one is wanted: how it is meant leaves no choice."""
    return spec.shape == (VARIABLE, 1) and array.ndim == 1


def _check_no_row(told: Inputs, of: Signature) -> None:
    """A dict is arrays here; one of single values is a plain row that lacks its list."""
    single = all(isinstance(value, _SINGLE) for value in told.values())
    if told and single and any(spec.shape for spec in of.inputs.values()):
        raise RequestError(
            "inputs",
            "a dict of single values came; arrays are wanted",
            "One row? Give a list: [{…}].",
        )


def fitting(most: int, *bounds: tuple[float, float]) -> int:
    """How many rows keep within every bound, each a whole and what a row takes of it."""
    return max(1, min([most, *(int(whole / a_row) for whole, a_row in bounds if a_row)]))


def width(sizes: Sequence[int]) -> int:
    """The elements of a row; a size that varies is taken for one."""
    return prod(max(1, size) for size in sizes)


def _size(array: NDArray[Any]) -> int:
    if array.dtype.hasobject:
        return sum(len(text) for text in array.ravel().tolist()) + 4 * array.size
    return array.nbytes


def _bytes(datatype: str) -> int:
    return _TEXT if datatype == "BYTES" else TO_NUMPY[datatype].itemsize
