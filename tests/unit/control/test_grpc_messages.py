"""A gRPC inference, to a V2 request over HTTP with binary tensors, and back."""

import struct
from typing import Any

import orjson
import pytest

from tests.support.grpc_calls import infer, typed, untyped
from wherry.errors import CloudError, RequestError
from wherry.http.predictions import HEADER_LENGTH
from wherry.http.wire import Reply
from wherry_control.grpc import open_inference_grpc_pb2 as v2
from wherry_control.grpc.contents import FIELDS
from wherry_control.grpc.messages import http_body, response

WIDEST: dict[str, tuple[list[Any], bytes]] = {
    "BOOL": ([True, False], b"\x01\x00"),
    "UINT8": ([0, 255], b"\x00\xff"),
    "UINT16": ([1, 65535], b"\x01\x00\xff\xff"),
    "UINT32": ([1, 2**32 - 1], struct.pack("<2I", 1, 2**32 - 1)),
    "UINT64": ([1, 2**64 - 1], struct.pack("<2Q", 1, 2**64 - 1)),
    "INT8": ([-128, 127], b"\x80\x7f"),
    "INT16": ([-(2**15), 2**15 - 1], struct.pack("<2h", -(2**15), 2**15 - 1)),
    "INT32": ([-(2**31), 2**31 - 1], struct.pack("<2i", -(2**31), 2**31 - 1)),
    "INT64": ([-(2**63), 2**63 - 1], struct.pack("<2q", -(2**63), 2**63 - 1)),
    "FP32": ([0.5, float("-inf")], struct.pack("<2f", 0.5, float("-inf"))),
    "FP64": ([0.1, 1.7e308], struct.pack("<2d", 0.1, 1.7e308)),
    "BYTES": ([b"\x00\xff", b""], b"\x02\x00\x00\x00\x00\xff\x00\x00\x00\x00"),
}


def sent(request: v2.ModelInferRequest) -> tuple[dict[str, Any], bytes]:
    """The JSON of the HTTP body, and what follows it."""
    length, body = http_body(request)
    return orjson.loads(body[:length]), body[length:]


def reply(*outputs: tuple[str, str, list[int], bytes], **told: Any) -> Reply:
    """A V2 reply with these outputs: name, datatype, shape and bytes."""
    listed = [_tensor(*output) for output in outputs]
    head = orjson.dumps({"model_name": "tiny", "model_version": "1", "outputs": listed, **told})
    body = head + b"".join(raw for *_, raw in outputs)
    return Reply(200, {HEADER_LENGTH: str(len(head))}, body)


def _tensor(name: str, datatype: str, shape: list[int], raw: bytes) -> dict[str, Any]:
    size = {"binary_data_size": len(raw)}
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": size}


def test_every_datatype_with_typed_contents_is_told_here() -> None:
    assert WIDEST.keys() == FIELDS.keys()


@pytest.mark.parametrize("datatype", WIDEST)
def test_typed_contents_travel_as_the_bytes_of_their_datatype_and_come_back_typed(
    datatype: str,
) -> None:
    values, raw = WIDEST[datatype]
    field = FIELDS[datatype][0]
    request = infer(typed("x", datatype, [2], **{field: values}))

    message, tail = sent(request)
    answer = response(request, reply(("y", datatype, [2], raw)))

    assert tail == raw
    assert message["inputs"] == [_tensor("x", datatype, [2], raw)]
    assert list(getattr(answer.outputs[0].contents, field)) == values
    assert not answer.raw_output_contents


def test_raw_contents_travel_as_they_are_in_their_order() -> None:
    request = infer(untyped("a", "FP16", [1]), untyped("b", "UINT8", [0]), raw=(b"\x00\x3c", b""))

    message, tail = sent(request)
    answer = response(request, reply(("y", "INT8", [1], b"\xff"), ("z", "UINT8", [1], b"\x07")))

    assert tail == b"\x00\x3c"
    assert [told["parameters"]["binary_data_size"] for told in message["inputs"]] == [2, 0]
    assert list(answer.raw_output_contents) == [b"\xff", b"\x07"]
    assert not any(output.HasField("contents") for output in answer.outputs)


def test_an_output_without_typed_contents_makes_the_whole_answer_raw() -> None:
    request = infer(typed("x", "FP32", [1], fp32_contents=[1]))

    answer = response(request, reply(("y", "UINT8", [1], b"\x07"), ("z", "FP16", [1], b"\x00\x3c")))

    assert list(answer.raw_output_contents) == [b"\x07", b"\x00\x3c"]
    assert not any(output.HasField("contents") for output in answer.outputs)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (infer(typed("x", "FP32", [1], fp32_contents=[1]), raw=(b"1234",)), "typed and raw"),
        (infer(untyped("x", "FP32", [1]), raw=(b"1234", b"5678")), "2 came"),
        (infer(typed("x", "FP16", [1], fp32_contents=[1])), '"FP16" has no typed contents'),
        (infer(typed("x", "FP32", [1], int_contents=[1])), "int_contents came; FP32 wants fp32"),
        (infer(typed("x", "INT8", [1], int_contents=[128])), "out of the range of INT8"),
        (infer(typed("x", "INT9", [1], int_contents=[1])), '"INT9" has no typed contents'),
    ],
)
def test_what_http_could_not_tell_is_refused(request_: v2.ModelInferRequest, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        http_body(request_)


def test_the_id_the_outputs_and_every_kind_of_parameter_are_carried_there() -> None:
    parameters = {
        "yes": v2.InferParameter(bool_param=False),
        "count": v2.InferParameter(int64_param=-1),
        "word": v2.InferParameter(string_param=""),
        "share": v2.InferParameter(double_param=0.5),
        "size": v2.InferParameter(uint64_param=2**64 - 1),
        "nothing": v2.InferParameter(),
    }

    message, _ = sent(infer(id="mine", outputs=("b", "a"), parameters=parameters))

    assert message["id"] == "mine"
    assert message["outputs"] == [
        {"name": name, "parameters": {"binary_data": True}} for name in ("b", "a")
    ]
    assert message["parameters"] == {
        "yes": False, "count": -1, "word": "", "share": 0.5, "size": 2**64 - 1,
        "binary_data_output": True,
    }  # fmt: skip


def test_the_id_the_version_and_every_kind_of_parameter_are_carried_back() -> None:
    told = {
        "yes": True,
        "count": 7,
        "size": 2**64 - 1,
        "share": 0.5,
        "word": "w",
        "steps": {"a": 1},
    }

    answer = response(infer(), reply(("y", "UINT8", [1], b"\x07"), id="mine", parameters=told))

    assert (answer.model_name, answer.model_version, answer.id) == ("tiny", "1", "mine")
    assert answer.parameters["yes"].bool_param is True
    assert answer.parameters["count"].int64_param == 7
    assert answer.parameters["size"].uint64_param == 2**64 - 1
    assert answer.parameters["share"].double_param == 0.5
    assert answer.parameters["word"].string_param == "w"
    assert answer.parameters["steps"].string_param == '{"a": 1}'
    assert not answer.outputs[0].parameters


@pytest.mark.parametrize(
    "alien",
    [
        Reply(200, {}, b'{"model_name": "tiny", "outputs": []}'),
        Reply(200, {HEADER_LENGTH: "5"}, b"hello"),
        Reply(200, {HEADER_LENGTH: "2"}, b"{}"),
        Reply(200, {HEADER_LENGTH: "2"}, b"[]"),
        reply(("y", "UINT8", [1], b"\x07"), outputs=[{"name": "y"}]),
        reply(("y", "FP32", [1], b"\x07")),
        reply()._replace(body=reply().body + b"more"),
        reply(("y", "UINT8", [1], b"\x07"), id=7),
    ],
)
def test_a_reply_of_somebody_else_is_told_as_such(alien: Reply) -> None:
    with pytest.raises(CloudError, match="no V2 response"):
        response(infer(typed("x", "FP32", [1], fp32_contents=[1])), alien)
