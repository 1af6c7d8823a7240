from collections.abc import Callable

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, external_data_helper, helper, numpy_helper

from tests.support.onnx_models import onnx_model, scaled, sealed, spec
from tests.support.services import service_of
from wherry.errors import ArtifactError
from wherry.external_data import has_external_data
from wherry.manifest import MODEL
from wherry.ort import onnxruntime


def external_tensor() -> TensorProto:
    tensor = numpy_helper.from_array(np.ones((2, 2), np.float32), "weights")
    external_data_helper.set_external_data(tensor, location="weights.bin")
    tensor.ClearField("raw_data")
    return tensor


def with_initializer() -> ModelProto:
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])], [spec("x")], [spec("y")])
    model.graph.initializer.append(external_tensor())
    return model


def with_constant() -> ModelProto:
    node = helper.make_node("Constant", [], ["y"], value=external_tensor())
    return onnx_model([node], [], [spec("y", shape=(2, 2))])


def with_branch() -> ModelProto:
    """The tensor lies in a graph inside a node's attribute."""
    branch = helper.make_graph([], "branch", [], [], [external_tensor()])
    node = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    return onnx_model([node], [spec("x", "BOOL", ())], [spec("y", shape=(2, 2))])


def with_function() -> ModelProto:
    """The tensor lies in a function of the model's own."""
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])], [spec("x")], [spec("y")])
    body = [helper.make_node("Constant", [], ["y"], value=external_tensor())]
    model.functions.append(
        helper.make_function("own", "Mine", [], ["y"], body, model.opset_import, [])
    )
    return model


def with_sparse_initializer() -> ModelProto:
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])], [spec("x")], [spec("y")])
    sparse = model.graph.sparse_initializer.add()
    sparse.values.CopyFrom(external_tensor())
    return model


@pytest.mark.parametrize(
    "make", [with_initializer, with_constant, with_branch, with_function, with_sparse_initializer]
)
def test_a_reference_is_found_wherever_a_tensor_can_lie(make: Callable[[], ModelProto]) -> None:
    assert has_external_data(make().SerializeToString())


def test_a_field_number_that_onnx_runtime_would_cut_short_hides_no_reference() -> None:
    """The graph's tag with a bit above the 32 that it reads: to it, a graph like any other."""
    x, y = [spec("location")], [spec("y")]
    model = onnx_model([helper.make_node("Identity", ["location"], ["y"])], x, y)
    graph = model.graph.SerializeToString()
    model.ClearField("graph")
    data = model.SerializeToString() + b"\xba\x80\x80\x80\x10" + bytes([len(graph)]) + graph
    assert onnxruntime.InferenceSession(data).get_inputs()[0].name == "location"

    with pytest.raises(ArtifactError, match="no ONNX file"):
        has_external_data(data)


def test_a_service_refuses_such_a_model() -> None:
    x, y = [spec("x")], [spec("y")]

    with pytest.raises(ArtifactError, match="keeps weights in other files"):
        service_of(sealed(with_initializer(), x, y))


def test_a_model_that_holds_its_weights_has_none() -> None:
    assert not has_external_data(scaled().files[MODEL])


def test_a_tensor_may_be_called_location() -> None:
    x, y = [spec("location")], [spec("y")]
    model = onnx_model([helper.make_node("Identity", ["location"], ["y"])], x, y)

    assert not has_external_data(model.SerializeToString())
    service_of(sealed(model, x, y))


@pytest.mark.parametrize(
    "data",
    [
        b"location",
        b"\x0alocation",
        b"\x3flocation",
        b"\xff" * 9 + b"location",
        b"location\x80",
    ],
)
def test_what_is_no_onnx_file_is_an_artifact_error(data: bytes) -> None:
    with pytest.raises(ArtifactError):
        has_external_data(data)
