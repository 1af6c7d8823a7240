"""
How many bytes a graph's constants unfold to, where the graph itself tells: a shape of three numbers
can ask for all the memory there is.

Only what follows from constants at once is known here; what is computed is left to a limited child.
"""

import math
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

WIDEST = 8  # bytes of an element; a complex one has twice as many, and nobody serves them
SHORT = 64  # numbers of a shape, or of a range
Known = MutableMapping[str, list[float]]


def known_bytes(graph: Any, known: Known) -> int:
    """`known` are the short constants seen so far, by name; those of this graph are added."""
    for tensor in graph.initializer:
        _keep(known, tensor.name, tensor)
    dense = sum(_count(sparse.dims) * WIDEST for sparse in graph.sparse_initializer)
    return dense + sum(_of_node(node, known) for node in graph.node)


def _of_node(node: Any, known: Known) -> int:
    attributes = {each.name: each for each in node.attribute}
    if node.op_type == "Constant":
        return _constant(node, attributes, known)
    if counts := _COUNTS.get(node.op_type):
        given = [known.get(name) for name in node.input]
        return max(0, counts(given, attributes)) * WIDEST
    return 0


def _constant(node: Any, attributes: Mapping[str, Any], known: Known) -> int:
    if "value" in attributes and node.output:
        _keep(known, node.output[0], attributes["value"].t)
    if "value_ints" in attributes and node.output:
        known[node.output[0]] = [*attributes["value_ints"].ints][:SHORT]
    if "sparse_value" in attributes:
        return _count(attributes["sparse_value"].sparse_tensor.dims) * WIDEST
    return 0


def _keep(known: Known, name: str, tensor: Any) -> None:
    """Short numbers; a tensor that is not what it says is left to the checker."""
    import onnx

    if len(tensor.dims) > 1 or _count(tensor.dims) > SHORT:
        return
    try:
        values = onnx.numpy_helper.to_array(tensor)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, its value is not known
        return
    if values.dtype.kind in "iuf" and values.size <= SHORT:  # a size told as -1 can be any
        known[name] = [float(each) for each in values.ravel()]


def _count(sizes: Iterable[float]) -> int:
    return math.prod(max(0, int(size)) for size in sizes if math.isfinite(size))


def _shape(at: int) -> Callable[[list[list[float] | None], Mapping[str, Any]], int]:
    """The input `at` is the shape of what comes out."""
    return lambda given, _: _count(given[at] or [0]) if len(given) > at else 0


def _range(given: list[list[float] | None], _: Mapping[str, Any]) -> int:
    ends = [each[0] for each in given if each]
    if len(ends) != 3 or not ends[2]:  # noqa: PLR2004 - start, limit, step
        return 0
    count = (ends[1] - ends[0]) / ends[2]
    return math.ceil(count) if math.isfinite(count) else 0


def _pad(given: list[list[float] | None], _: Mapping[str, Any]) -> int:
    told = given[1] or [] if given[1:] else []
    return int(sum(abs(each) for each in told if math.isfinite(each)))


def _random(_: list[list[float] | None], attributes: Mapping[str, Any]) -> int:
    return _count(attributes["shape"].ints) if "shape" in attributes else 0


_COUNTS: Mapping[str, Callable[[list[list[float] | None], Mapping[str, Any]], int]] = {
    "ConstantOfShape": _shape(0),
    "Expand": _shape(1),
    "Tile": _shape(1),
    "Range": _range,
    "OneHot": _shape(1),
    "Upsample": _shape(1),
    "Resize": _shape(3),
    "Pad": _pad,
    "RandomNormal": _random,
    "RandomUniform": _random,
}
