"""
Whether an ONNX file refers to other files for its weights.

ONNX Runtime follows such a reference, through a hard link too, to whatever lies there, and a digest
of the model's own bytes says nothing of it. So Wherry serves none. The image has no `onnx` and no
protobuf: this walks the wire format itself, and only when a model holds the word that every such
reference needs; other models pay for one scan of their bytes.
"""

from collections.abc import Iterator, Mapping

from wherry.errors import ArtifactError

# Field numbers of onnx.proto: under which fields of which message a tensor can lie.
_CHILDREN: Mapping[str, Mapping[int, str]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": {
        5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"
    },
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
    "Tensor": {},
}  # fmt: skip
_TENSOR_EXTERNAL_DATA = 13
_TAG_BITS = 32  # ONNX Runtime drops those above, and would read another field than is read here


def has_external_data(model: bytes) -> bool:
    """Raise ArtifactError if `model` cannot be read far enough to tell."""
    if b"location" not in model:  # the key that every reference to a file must have
        return False
    try:
        return _refers(memoryview(model))
    except (IndexError, ValueError) as error:
        raise ArtifactError("model.onnx", "it is no ONNX file") from error


def _refers(model: memoryview) -> bool:
    waiting = [("Model", model)]
    while waiting:
        kind, message = waiting.pop()
        for number, content in _messages(message):
            if kind == "Tensor" and number == _TENSOR_EXTERNAL_DATA:
                return True
            if child := _CHILDREN[kind].get(number):
                waiting.append((child, content))
    return False


def _messages(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the number and content of each length-delimited field; step over the others."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag >> _TAG_BITS:
            raise ValueError(tag)
        match tag & 7:
            case 0:
                _, at = _varint(message, at)
            case 1:
                at += 8
            case 2:
                size, at = _varint(message, at)
                yield tag >> 3, message[at : at + size]
                at += size
            case 5:
                at += 4
            case other:
                raise ValueError(other)
    if at != len(message):
        raise ValueError(at)


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
