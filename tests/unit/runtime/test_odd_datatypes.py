"""What NumPy has no type for, ONNX Runtime hands out to nobody, or the protocol has no name for."""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from tests.support.binary_v2 import ALL_BINARY, binary, binary_outputs, binary_request
from tests.support.onnx_models import identity, onnx_model, sealed, spec
from tests.support.requests_v2 import outputs_of, request, tensor
from tests.support.services import service_of
from wherry.errors import ArtifactError, ModelError, RequestError


def test_bf16_has_no_json_form_in_or_out() -> None:
    service = service_of(identity("BF16"))
    body, length = binary_request(binary("x", "BF16", [1], b"\x80\x3f"))

    with pytest.raises(RequestError, match=r"BF16 has no JSON form\. Send it as binary data"):
        service.infer(request(tensor("x", "BF16", [1], [1]), parameters=ALL_BINARY))
    with pytest.raises(RequestError, match='output "y": BF16 has no JSON form'):
        service.infer(body, header_length=length)


def test_an_output_of_bf16_that_is_not_wanted_is_no_obstacle() -> None:
    inputs, outputs = [spec("x")], [spec("y", "BF16"), spec("z")]
    nodes = [
        helper.make_node("Cast", ["x"], ["y"], to=TensorProto.BFLOAT16),
        helper.make_node("Identity", ["x"], ["z"]),
    ]
    service = service_of(sealed(onnx_model(nodes, inputs, outputs), inputs, outputs))

    answer = service.infer(request(tensor("x", "FP32", [1], [5]), outputs=[{"name": "z"}]))

    assert outputs_of(answer.body) == {"z": [5.0]}


def test_the_library_sees_bf16_as_numbers() -> None:
    service = service_of(identity("BF16"))

    told = service.predict({"x": [1.0, 3.14159, float("inf")]})["y"]

    assert told.dtype == np.float32
    assert told.tolist() == [1.0, 3.140625, float("inf")]


def test_the_binary_bytes_of_bf16_are_the_upper_half_of_fp32() -> None:
    body, length = binary_request(binary("x", "BF16", [1], b"\x49\x40"), parameters=ALL_BINARY)

    answer = service_of(identity("BF16")).infer(body, header_length=length)

    assert np.asarray(binary_outputs(answer)["y"]).tolist() == [0x4049]


def test_a_model_whose_text_is_no_text_is_at_fault_itself() -> None:
    """ONNX allows any bytes in a string; ONNX Runtime's Python door does not hand them out."""
    inputs, outputs = [spec("x", "INT64", (1,))], [spec("y", "BYTES", (1,))]
    node = helper.make_node("Gather", ["table", "x"], ["y"])
    table = np.array([b"good", b"\xff"], object)
    artifact = sealed(onnx_model([node], inputs, outputs, {"table": table}), inputs, outputs)

    with pytest.raises(ModelError, match="holds text that is not UTF-8"):
        service_of(artifact).infer(request(tensor("x", "INT64", [1], [1])))


def test_a_datatype_that_the_protocol_has_not_is_refused_when_the_model_is_loaded() -> None:
    with pytest.raises(ArtifactError, match="cannot carry"):
        service_of(float8())


def float8() -> Any:
    """A model of 8-bit floats, which ONNX Runtime loads and the protocol has no name for."""
    node = helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT8E4M3FN)
    model = onnx_model([node], [spec("x")], [])
    model.opset_import[0].version = 19
    model.graph.output.append(helper.make_tensor_value_info("y", TensorProto.FLOAT8E4M3FN, [None]))
    return sealed(model, [spec("x")], [spec("y")])
