"""ONNX files that ask for what a model has no business with; each is small, and none runs here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from onnx import TensorProto, helper

ENDS = Sequence[Any]


def model(nodes: ENDS, constants: ENDS = (), **more: Any) -> Any:
    """From `x` (FP32, n by 3), where a node takes it, to `y`."""
    taken = any("x" in node.input for node in nodes)
    shape: list[str | int | None] = ["n", 3] if taken else ["n"]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    graph = helper.make_graph(nodes, "hostile", ends[:1] if taken else [], ends[1:], [*constants])
    opsets = more.pop("opsets", [helper.make_opsetid("", 18)])
    return helper.make_model(graph, opset_imports=opsets, ir_version=10, **more)


def ints(name: str, *values: int) -> Any:
    return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)


def good() -> Any:
    return model([helper.make_node("Relu", ["x"], ["y"])])


def _external(location: str) -> Any:
    made = model([helper.make_node("Add", ["x", "w"], ["y"])])
    weight = made.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[3])
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=location)
    return made


def _external_in_branch() -> Any:
    inner = _external("../w.bin").graph
    made = good()
    node = made.graph.node.add(op_type="If", input=["c"], output=["z"])
    node.attribute.append(helper.make_attribute("then_branch", inner))
    return made


def _half_external() -> Any:
    """Told to be elsewhere, with no word of where."""
    made = _external("w.bin")
    del made.graph.initializer[0].external_data[:]
    return made


def _functions() -> Any:
    made = good()
    made.functions.add(name="f", domain="local")
    return made


def _external_in_function() -> Any:
    """Told before the function is: bytes are judged as they are, and not parsed."""
    made = _functions()
    node = made.functions[0].node.add(op_type="Constant", output=["w"])
    weight = _external("w.bin").graph.initializer[0]
    node.attribute.append(helper.make_attribute("value", weight))
    return made


def _training() -> Any:
    made = good()
    made.training_info.add()
    return made


def _nested(depth: int) -> Any:
    made = good()
    for _ in range(depth):
        outer = good()
        node = outer.graph.node.add(op_type="If", input=["c"], output=["z"])
        node.attribute.append(helper.make_attribute("then_branch", made.graph))
        made = outer
    return made


def _domain(domain: str) -> Any:
    node = helper.make_node("Run", ["x"], ["y"], domain=domain)
    return model([node], opsets=[helper.make_opsetid("", 18), helper.make_opsetid(domain, 1)])


def _undeclared() -> Any:
    return model([helper.make_node("Run", ["x"], ["y"], domain="ai.onnx.contrib")])


def _of_shape(op: str, *inputs: str, **constants: Sequence[int]) -> Any:
    made = [ints(name, *values) for name, values in constants.items()]
    return model([helper.make_node(op, [*inputs], ["y"])], made)


def _constant_node() -> Any:
    shape = helper.make_node("Constant", [], ["s"], value=ints("v", 3_000_000_000))
    return model([shape, helper.make_node("ConstantOfShape", ["s"], ["y"])])


def _many_constants() -> Any:
    shapes = [ints(f"s{each}", 50_000_000) for each in range(4)]
    nodes = [helper.make_node("ConstantOfShape", [f"s{each}"], [f"y{each}"]) for each in range(4)]
    return model([*nodes, helper.make_node("Relu", ["y0"], ["y"])], shapes)


def _sparse() -> Any:
    made = good()
    sparse = made.graph.sparse_initializer.add()
    sparse.dims.extend([1 << 20, 1 << 20])
    sparse.values.name = "w"
    return made


def beyond_parsing() -> bytes:
    """Graphs in graphs, by their bytes: no library would write it."""
    data = b""
    for _ in range(200):
        for field in (6, 5, 1):  # the graph of an attribute of a node of a graph
            data = bytes([field << 3 | 2]) + _varint(len(data)) + data
    return b"\x08\x0a\x3a" + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def computed() -> Any:
    """12 GB: 55,000 by itself. No constant tells it; only running it does."""
    square = helper.make_node("Mul", ["s", "s"], ["t"])
    shape = helper.make_node("ConstantOfShape", ["t"], ["y"])
    return model([square, shape], [ints("s", 55_000)])


# What each asks for, and what its refusal must say.
HOSTILE: Mapping[str, tuple[Callable[[], Any], str]] = {
    "weights beside it": (lambda: _external("w.bin"), "other files"),
    "weights above it": (lambda: _external("../w.bin"), "other files"),
    "weights at an absolute path": (lambda: _external("/etc/passwd"), "other files"),
    "weights in a branch": (_external_in_branch, "other files"),
    "weights in a function": (_external_in_function, "other files"),
    "weights nowhere": (_half_external, "other files"),
    "functions": (_functions, "functions of its own"),
    "training": (_training, "how it is trained"),
    "another domain": (lambda: _domain("com.example"), "com.example"),
    "a domain of extensions": (lambda: _domain("ai.onnx.contrib"), "ai.onnx.contrib"),
    "a domain not declared": (_undeclared, "ai.onnx.contrib"),
    "graphs in graphs": (lambda: _nested(20), "nested"),
    "a shape of 12 GB": (lambda: _of_shape("ConstantOfShape", "s", s=[3_000_000_000]), "unfold"),
    "a shape of a node": (_constant_node, "unfold"),
    "an expansion": (lambda: _of_shape("Expand", "x", "s", s=[1 << 30, 3]), "unfold"),
    "tiles": (lambda: _of_shape("Tile", "x", "s", s=[1 << 30, 3]), "unfold"),
    "a range": (lambda: _of_shape("Range", "a", "b", "c", a=[0], b=[1 << 40], c=[1]), "unfold"),
    "many constants": (_many_constants, "unfold"),
    "a sparse constant": (_sparse, "unfold"),
}
