"""The server: forms of tensors, what comes behind an answer, limits, and its end."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import grpc
import numpy as np
import pytest

from tests.support.asynchronous import running
from tests.support.grpc_calls import ONE_ROW, Client, client, infer, typed, untyped
from tests.support.onnx_models import DATATYPES, identity
from tests.support.services import service_of
from wherry.errors import ToolError
from wherry.http import App
from wherry.http.wire import Reply, Request
from wherry.protocol.datatypes import TO_NUMPY
from wherry_control.grpc.contents import FIELDS
from wherry_control.grpc.server import answering

HOST = "127.0.0.1"


@pytest.fixture
def tiny() -> Iterator[Client]:
    with (
        running(answering(App(service_of()).answer_soon, HOST, 0)) as address,
        client(address) as own,
    ):
        yield own


def refused(own: Client, message: Any) -> Any:
    with pytest.raises(grpc.RpcError) as error:
        own.call("ModelInfer", message)
    return error.value


@pytest.mark.parametrize("datatype", sorted(set(DATATYPES) & set(FIELDS)))
def test_every_datatype_comes_back_in_the_form_in_which_it_was_sent(datatype: str) -> None:
    field, kind = FIELDS[datatype]
    values: list[Any] = [b"a\x00", b""] if datatype == "BYTES" else [1, 0]
    raw = b"\x02\0\0\0a\0\0\0\0\0" if datatype == "BYTES" else np.array(values, kind).tobytes()
    app = App(service_of(identity(datatype)))
    with running(answering(app.answer_soon, HOST, 0)) as address, client(address) as own:
        as_typed = own.call("ModelInfer", infer(typed("x", datatype, [2], **{field: values})))
        as_raw = own.call("ModelInfer", infer(untyped("x", datatype, [2]), raw=(raw,)))

    assert list(getattr(as_typed.outputs[0].contents, field)) == values
    assert not as_typed.raw_output_contents
    assert list(as_raw.raw_output_contents) == [raw]
    assert not as_raw.outputs[0].HasField("contents")


@pytest.mark.parametrize("datatype", sorted({*DATATYPES} - {*FIELDS}))
def test_what_has_no_typed_form_is_raw_both_ways(datatype: str) -> None:
    raw = b"\x80\x3f"
    app = App(service_of(identity(datatype)))
    with running(answering(app.answer_soon, HOST, 0)) as address, client(address) as own:
        answer = own.call("ModelInfer", infer(untyped("x", datatype, [1]), raw=(raw,)))

    assert list(answer.raw_output_contents) == [raw]
    assert TO_NUMPY[datatype].itemsize == len(raw)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (infer(typed("features", "FP32", [1, 4], fp32_contents=[1, 2, 3])), "features"),
        (infer(typed("features", "FP32", [1, -4], fp32_contents=[1] * 4)), "shape"),
        (infer(typed("features", "FP32", [2**40, 2**40], fp32_contents=[1])), "shape"),
        (infer(typed("features", "FP32", [1, 4])), "features"),
        (infer(untyped("features", "FP32", [1, 4]), raw=(b"",)), "features"),
        (infer(untyped("features", "FP32", [1, 4]), raw=(bytes(16), b"")), "raw_input_contents"),
        (infer(typed("features", "FP32", [1, 4], fp32_contents=[1]), raw=(bytes(16),)), "typed"),
        (infer(*[untyped("features", "FP32", [1, 4])] * 2, raw=(bytes(16),) * 2), "twice"),
        (infer(untyped("\0" * 300, "FP32", [1, 4]), raw=(bytes(16),)), "no such input"),
    ],
)
def test_a_message_that_contradicts_itself_or_the_model_is_the_callers_fault(
    tiny: Client, message: Any, words: str
) -> None:
    error = refused(tiny, message)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert words in error.details()


def test_answers_and_refusals_alike_say_which_release_gave_them(tiny: Client) -> None:
    answered = tiny.trailers("ModelInfer", infer())
    declined = dict(refused(tiny, infer(outputs=("nothing",))).trailing_metadata())

    for told in (answered, declined):
        assert (told["x-wherry-model"], told["x-wherry-release"]) == ("tiny", "7")
        assert told["x-wherry-digest"].startswith("sha256:")
    assert answered["x-wherry-prediction-id"] != declined["x-wherry-prediction-id"]


def test_calls_at_the_same_time_are_all_answered(tiny: Client) -> None:
    def ask(number: int) -> list[float]:
        row = np.full((1, 4), number, np.float32)
        message = infer(untyped("features", "FP32", [1, 4]), raw=(row.tobytes(),))
        answer = tiny.call("ModelInfer", message)
        return np.frombuffer(answer.raw_output_contents[0], np.float32).tolist()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(200)))

    assert answers == [[number * 8.0] for number in range(200)]


def test_a_port_that_is_taken_is_told() -> None:
    ask = App(service_of()).answer_soon
    with running(answering(ask, HOST, 0)) as address:
        port = int(address.rpartition(":")[2])
        with (
            pytest.raises(ToolError, match="cannot listen there"),
            running(answering(ask, HOST, port)),
        ):
            pass


def test_a_call_that_is_under_way_is_answered_before_the_server_ends() -> None:
    arrived, release = Event(), Event()
    app = App(service_of())

    async def slowly(request: Request) -> Reply:
        arrived.set()
        await asyncio.to_thread(release.wait, 10)
        return app.answer(request)

    with ThreadPoolExecutor(2) as threads:
        with running(answering(slowly, HOST, 0)) as address:
            asked = threads.submit(_answer, address)
            assert arrived.wait(10)
            threads.submit(_wait_until_refused, address).add_done_callback(lambda _: release.set())
        assert asked.result(10) == [[20.0]]


def test_what_fails_inside_is_told_without_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: Request) -> Reply:
        raise RuntimeError("/secret/path")

    with running(answering(fail, HOST, 0)) as address, client(address) as own:
        error = refused(own, infer())

    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in error.details()
    assert "/secret/path" in caplog.text


def _answer(address: str) -> Any:
    with client(address) as own:
        answer = own.call("ModelInfer", infer())
    return np.frombuffer(answer.raw_output_contents[0], ONE_ROW.dtype).reshape(1, 1).tolist()


def _wait_until_refused(address: str) -> None:
    """New connections are refused once the server has begun to end."""
    host, _, port = address.rpartition(":")
    with suppress(OSError):
        while True:
            socket.create_connection((host, int(port))).close()
