"""Reading and renaming the parts of an ONNX graph, those inside of branches and loops too."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

OPEN = -1
DATATYPES = {
    "BOOL": "BOOL", "UINT8": "UINT8", "UINT16": "UINT16", "UINT32": "UINT32", "UINT64": "UINT64",
    "INT8": "INT8", "INT16": "INT16", "INT32": "INT32", "INT64": "INT64", "FLOAT16": "FP16",
    "FLOAT": "FP32", "DOUBLE": "FP64", "BFLOAT16": "BF16", "STRING": "BYTES",
}  # fmt: skip
ELEMENTS = {datatype: element for element, datatype in DATATYPES.items()}


def every_graph(graph: Any) -> Iterator[Any]:
    """The graph, and those of its nodes, however deep."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            own = [attribute.g] if attribute.HasField("g") else []
            for branch in (*attribute.graphs, *own):
                yield from every_graph(branch)


def every_node(graph: Any) -> Iterator[Any]:
    for each in every_graph(graph):
        yield from each.node


def spec(value: Any) -> TensorSpec:
    """Of a ValueInfoProto; raise ConfigurationError if it is no tensor that V2 can carry."""
    from onnx import TensorProto

    tensor = value.type.tensor_type
    datatype = DATATYPES.get(TensorProto.DataType.Name(tensor.elem_type))
    if datatype is None or not tensor.HasField("shape"):
        told = value.type.WhichOneof("value") or "of no type"
        what = "has no shape" if datatype else f"is no tensor that can be carried ({told})"
        raise ConfigurationError(
            f"the tensor {value.name!r}", f"it {what}", "Export the model with typed tensors."
        )
    sizes = (
        size.dim_value if size.HasField("dim_value") and size.dim_value > 0 else OPEN
        for size in tensor.shape.dim
    )
    return TensorSpec(value.name, datatype, tuple(sizes))  # type: ignore[arg-type] # one of the table


def inputs_of(graph: Any) -> list[Any]:
    """What must be fed: old exporters list weights among the inputs."""
    kept = {each.name for each in graph.initializer}
    return [each for each in graph.input if each.name not in kept]


def value_of(tensor: TensorSpec) -> Any:
    """The ValueInfoProto of a tensor; open sizes have no names, but for the batch."""
    from onnx import TensorProto, helper

    sizes: list[Any] = [None if size == OPEN else size for size in tensor.shape]
    if tensor.shape[:1] == (OPEN,):
        sizes[0] = "batch"
    element = TensorProto.DataType.Value(ELEMENTS[tensor.datatype])
    return helper.make_tensor_value_info(tensor.name, element, sizes)


def set_values(values: Any, tensors: Iterable[TensorSpec]) -> None:
    """Make `values` (a graph's input or output) these."""
    del values[:]
    values.extend(value_of(each) for each in tensors)


def names_in(graph: Any) -> set[str]:
    """Every name of a value."""
    names: set[str] = set()
    for each in every_graph(graph):
        names.update(value.name for value in (*each.input, *each.output, *each.initializer))
        names.update(name for node in each.node for name in (*node.input, *node.output))
    return names


def rename(graph: Any, names: Mapping[str, str]) -> None:
    """
    Give values other names, wherever they are used.

    Who has a wanted name already, and is not renamed itself, gets a longer one.
    """
    taken = names_in(graph)
    moved = {new for new in names.values() if new in taken and new not in names}
    both = dict(names) | {name: _free(name, taken | set(names.values())) for name in moved}
    for each in every_graph(graph):
        for value in (*each.input, *each.output, *each.initializer, *each.value_info):
            value.name = both.get(value.name, value.name)
        for sparse in each.sparse_initializer:
            sparse.values.name = both.get(sparse.values.name, sparse.values.name)
        for node in each.node:
            for used in (node.input, node.output):
                used[:] = [both.get(name, name) for name in used]


def number(graph: Any) -> None:
    """Name nodes and values by their order: some exporters count on, from run to run."""
    kept = {each.name for each in (*graph.input, *graph.output)}
    names: dict[str, str] = {}
    for at, node in enumerate(every_node(graph)):
        node.name = f"{node.op_type.lower()}_{at}"
        for name in (*node.input, *node.output):
            if name and name not in kept:
                names.setdefault(name, f"t{len(names)}")
    order = {new: at for at, new in enumerate(names.values())}
    rename(graph, names)
    weights = sorted(graph.initializer, key=lambda each: order.get(each.name, len(order)))
    del graph.initializer[:]
    graph.initializer.extend(weights)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"inner_{name}"
    return name


def producers(graph: Any) -> dict[str, Any]:
    """The node that makes each value of the outer graph."""
    return {name: node for node in graph.node for name in node.output}


def attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def stripped(model: Any) -> None:
    """Remove all that says nothing of the answers, and differs from run to run."""
    model.producer_name = model.producer_version = model.domain = model.doc_string = ""
    model.model_version = 0
    del model.metadata_props[:]
    model.graph.name = "model"
    for graph in every_graph(model.graph):
        graph.doc_string = ""
        del graph.metadata_props[:], graph.value_info[:], graph.quantization_annotation[:]
        for each in (*graph.node, *graph.initializer, *graph.input, *graph.output):
            each.doc_string = ""
            del each.metadata_props[:]
    _import_once(model)


def _import_once(model: Any) -> None:
    """Each domain that is used, by the one name that it has."""
    for node in every_node(model.graph):
        node.domain = _domain(node.domain)
    versions = {_domain(each.domain): each.version for each in model.opset_import}
    used = {node.domain for node in every_node(model.graph)} | {""}
    del model.opset_import[:]
    for domain in sorted(versions.keys() & used):
        model.opset_import.add(domain=domain, version=versions[domain])


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name
