"""
An answer's bytes to what a caller wanted: V2 tensors, in JSON or binary, or plain predictions.

What came is believed no more than a request is: a broken answer is an error that says so.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from wherry.client.failures import stranger
from wherry.client.flow import Answer
from wherry.client.predictions import PlainPrediction, Prediction, Source
from wherry.errors import RequestError
from wherry.protocol import binary_tensors
from wherry.protocol.array_tensors import numbers
from wherry.protocol.body import HEADER_LENGTH, Body
from wherry.protocol.datatypes import TO_NUMPY

_LENGTH = HEADER_LENGTH.lower()


Size = Annotated[int, msgspec.Meta(ge=0)]


class _Output(msgspec.Struct, frozen=True):
    name: str
    datatype: str
    shape: tuple[Size, ...]
    data: list[Any] | None = None
    parameters: dict[str, Any] = {}


class _Head(msgspec.Struct, frozen=True):
    outputs: msgspec.Raw = msgspec.Raw(b"")


class _Tensors(msgspec.Struct, frozen=True):
    outputs: tuple[_Output, ...]
    model_name: str = ""
    model_version: str = ""


class _Plain(msgspec.Struct, frozen=True):
    model: str = ""
    version: str = ""
    predictions: list[Any] | None = None
    prediction: Any = None


def prediction_of(answer: Answer, where: str) -> Prediction | PlainPrediction:
    """Whichever it is."""
    is_plain = _LENGTH not in answer.headers and not _has_outputs(answer.body)
    return plain_of(answer, where) if is_plain else tensors_of(answer, where)


def _has_outputs(body: bytes) -> bool:
    """At its top: a label, too, may be called so."""
    try:
        return bool(bytes(msgspec.json.decode(body, type=_Head).outputs))
    except msgspec.DecodeError:
        return False


def tensors_of(answer: Answer, where: str) -> Prediction:
    """The outputs of a V2 response, as arrays of their own."""
    try:
        length = answer.headers.get(_LENGTH)
        body = Body(answer.body, None if length is None else int(length))
        told = msgspec.convert(body.parsed(), _Tensors)
        outputs = {output.name: _array(output, body) for output in told.outputs}
        body.finish()
    except (RequestError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise stranger(where, f"its answer cannot be read ({error})") from error
    first = next(iter(outputs.values()), np.empty(0))
    rows = len(first) if first.ndim else 1
    source = _source(answer.headers, (told.model_name, told.model_version), rows)
    return Prediction(outputs, [source])


def _array(output: _Output, body: Body) -> NDArray[Any]:
    where = f"output {output.name}"
    size = output.parameters.get("binary_data_size")
    if size is not None:
        data = body.take(where, size)
        array = binary_tensors.to_array(where, data, output.datatype, output.shape)
        return numbers(array if array.flags.writeable else array.copy(), output.datatype)
    flat = [np.nan if each is None else each for each in output.data or []]
    return np.array(flat, TO_NUMPY[output.datatype]).reshape(output.shape)


def plain_of(answer: Answer, where: str) -> PlainPrediction:
    """The predictions of a plain answer: one row's is a list of one."""
    try:
        told = msgspec.json.decode(answer.body, type=_Plain)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise stranger(where, f"its answer cannot be read ({error})") from error
    if told.predictions is not None:
        rows = told.predictions
    elif told.prediction is not None:
        rows = [told.prediction]
    else:
        raise stranger(where, "its answer has no predictions")
    names = (told.model, told.version)
    return PlainPrediction(rows, [_source(answer.headers, names, len(rows))])


def _source(headers: Mapping[str, str], names: tuple[str, str], rows: int) -> Source:
    """Headers say more; a server of another kind has none of them."""
    model, version = names
    return Source(
        model=headers.get("x-wherry-model", model),
        version=headers.get("x-wherry-version", version),
        release=headers.get("x-wherry-release", ""),
        digest=headers.get("x-wherry-digest", ""),
        id=headers.get("x-wherry-prediction-id", ""),
        rows=rows,
    )
