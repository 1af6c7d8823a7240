"""
ONNX files that nobody has vouched for: what is refused before anything runs them.

The bytes are bounded before they are parsed, and a reference to another file is looked for in them
as they are. What a model may ask for at run is bounded where its constants tell it; `onnx_tried`
bounds the rest.
"""

from typing import Any

from models.preparation.optimize import DOMAINS
from models.preparation.untrusted.onnx_constants import known_bytes
from models.preparation.untrusted.onnx_walk import graphs, nodes, tensors
from wherry.errors import ArtifactError, UnsafeError
from wherry.external_data import has_external_data

MOST_BYTES = (1 << 31) - 1  # what protobuf takes
MOST_NODES = 200_000
MOST_TENSORS = 200_000
MOST_DEEP = 16
MOST_CONSTANT_BYTES = 1 << 30
WHERE = "the ONNX file"
ONE_FILE = 'Make it one file: `onnx.save(onnx.load("model.onnx"), "one.onnx")`.'
EXTERNAL = 1  # TensorProto.DataLocation
TOO_DEEP = f"its graphs are nested more than {MOST_DEEP} deep"


def checked(data: bytes) -> None:
    """Raise UnsafeError, with what to do; nothing of the model is run, and no other file read."""
    if len(data) > MOST_BYTES:
        raise UnsafeError(WHERE, f"it has more than {MOST_BYTES} bytes", "Give a smaller model.")
    try:
        if has_external_data(data):
            raise _external()
        model = _parsed(data)
    except ArtifactError as error:
        raise UnsafeError(WHERE, error.what, "Give an ONNX file.") from error
    _check_model(model)
    _check_graphs(model)


def _parsed(data: bytes) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return onnx.load_from_string(data)
    except DecodeError as error:
        raise UnsafeError(
            WHERE, "it is damaged, or nested too deeply", "Give an ONNX file."
        ) from error


def _check_model(model: Any) -> None:
    if not model.ir_version or not model.graph.output:
        raise UnsafeError(WHERE, "it is no ONNX model", "Give an ONNX file.")
    if model.functions:
        name = model.functions[0].name[:80]
        raise UnsafeError(
            WHERE,
            f"it has functions of its own ({name!r})",
            "Inline them: `onnx.inliner.inline_local_functions(model)`.",
        )
    if model.training_info:
        raise UnsafeError(WHERE, "it holds how it is trained", "Export it for inference.")
    _check_domains({each.domain for each in model.opset_import})


def _check_domains(domains: set[str]) -> None:
    if unknown := sorted(domains - DOMAINS):
        raise UnsafeError(
            WHERE,
            f"it needs operators of the domain {unknown[0][:80]!r}",
            "Export it with ONNX's own operators.",
        )


def _check_graphs(model: Any) -> None:
    count = 0
    constants = 0
    known: dict[str, Any] = {}
    for graph, depth in graphs(model.graph):
        if depth > MOST_DEEP:
            raise UnsafeError(WHERE, TOO_DEEP, "Give a simpler model.")
        count += len(graph.node)
        if count > MOST_NODES:
            raise UnsafeError(WHERE, f"it has more than {MOST_NODES} nodes", "Give a smaller one.")
        for each in nodes(graph):
            _check_domains({each.domain})
        _check_tensors(graph)
        constants += known_bytes(graph, known)
        if constants > MOST_CONSTANT_BYTES:
            raise UnsafeError(
                WHERE,
                f"its constants unfold to more than {MOST_CONSTANT_BYTES} bytes",
                "Give a smaller model.",
            )


def _check_tensors(graph: Any) -> None:
    for number, tensor in enumerate(tensors(graph)):
        if number > MOST_TENSORS:
            raise UnsafeError(WHERE, f"it has more than {MOST_TENSORS} constants")
        if tensor.data_location == EXTERNAL or tensor.external_data:
            raise _external()


def _external() -> UnsafeError:
    return UnsafeError(WHERE, "it keeps weights in other files", ONE_FILE)
