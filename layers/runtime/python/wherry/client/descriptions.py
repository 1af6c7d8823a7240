"""
What a server says of a model: its tensors in and out, and its limits.

Any server of the protocol tells the first; one that tells no limits is taken to have Lambda's.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from wherry.client.failures import stranger
from wherry.client.flow import Answer
from wherry.limits import Limits
from wherry.manifest import TensorSpec
from wherry.protocol.signature import by_name

T = TypeVar("T")


class _Tensor(msgspec.Struct, frozen=True):
    name: str
    datatype: str
    shape: tuple[int, ...]


class _Model(msgspec.Struct, frozen=True):
    name: str
    inputs: tuple[_Tensor, ...]
    outputs: tuple[_Tensor, ...]


class _Models(msgspec.Struct, frozen=True):
    models: tuple[str, ...]


class _Value(msgspec.Struct, frozen=True):
    string_value: str


class _Config(msgspec.Struct, frozen=True):
    parameters: dict[str, _Value] = {}


class Signature(msgspec.Struct, frozen=True):
    """A model's tensors by their names, in its order."""

    model: str
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]


def signature(answer: Answer, where: str) -> Signature:
    """Of `GET /v2/models/{model}`."""
    told = read(answer, _Model, where)
    try:
        inputs, outputs = msgspec.convert(
            (msgspec.to_builtins(told.inputs), msgspec.to_builtins(told.outputs)),
            tuple[list[TensorSpec], list[TensorSpec]],
        )
    except msgspec.ValidationError as error:
        raise stranger(where, f"its tensors are none that are known here ({error})") from error
    return Signature(told.name, by_name(inputs), by_name(outputs))


def models(answer: Answer, where: str) -> tuple[str, ...]:
    """Of `GET /v2/models`."""
    return read(answer, _Models, where).models


def limits(answer: Answer, where: str) -> Limits:
    """Of `GET …/config`."""
    told = {
        name: each.string_value for name, each in read(answer, _Config, where).parameters.items()
    }
    known = {name: told[name] for name in Limits.__struct_fields__ if name in told}
    try:
        return msgspec.convert(known, Limits, strict=False)
    except msgspec.ValidationError as error:
        raise stranger(where, f"its limits cannot be read ({error})") from error


def read(answer: Answer, kind: type[T], where: str) -> T:
    """An answer's JSON."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise stranger(where, f"what came cannot be read ({error})") from error
