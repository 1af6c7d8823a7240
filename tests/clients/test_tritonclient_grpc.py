"""tritonclient.grpc is served unmodified: by the server beside HTTP, and by the proxy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from ml_dtypes import bfloat16
from numpy.testing import assert_array_equal

from tests.clients.conftest import DIRECT, Fronts
from tests.support.asynchronous import running
from tests.support.triton import FEATURES, PREDICTION, every
from tests.support.triton_grpc import FLAVOURS, Ask, TritonRefusedError, clients
from wherry_control.grpc.proxy import proxying
from wherry_control.grpc.server import answering
from wherry_control.grpc.upstream import upstream

HOST = "127.0.0.1"
SERVER = "server"
PROXIES = {f"proxy to {front}": front for front in (DIRECT, "REST API", "function URL")}

Place = Callable[[str], str]


@pytest.fixture(scope="module")
def process() -> Iterator[Ask]:
    with clients() as ask:
        yield ask


@pytest.fixture(scope="module", params=[SERVER, *PROXIES])
def place(request: pytest.FixtureRequest, fronts: Fronts) -> Iterator[Place]:
    """Where a model answers gRPC; started when first asked for."""
    with ExitStack() as stack:
        started: dict[str, str] = {}

        def start(model: str) -> str:
            if request.param == SERVER:
                ask = fronts.apps[model].answer_soon
                return stack.enter_context(running(answering(ask, HOST, 0)))
            there = upstream(fronts.url(PROXIES[request.param], model), timeout=10)
            return stack.enter_context(running(proxying(there, HOST, 0)))

        yield lambda model: started.get(model) or started.setdefault(model, start(model))


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(process: Ask, place: Place, flavour: str) -> Ask:
    """A client of the `scaled` model."""
    return lambda *told, **more: process(place("tiny"), flavour, *told, **more)


def test_the_server_and_the_model_are_live_and_ready(ask: Ask) -> None:
    assert ask("is_server_live") is True
    assert ask("is_server_ready") is True
    assert ask("is_model_ready", "tiny") is True
    assert ask("is_model_ready", "tiny", model_version="1") is True


def test_the_server_tells_of_itself_and_of_the_model(ask: Ask) -> None:
    server = ask("get_server_metadata", as_json=True)
    model = ask("get_model_metadata", "tiny", "1", as_json=True)

    assert server["name"] == "wherry"
    assert model["inputs"] == [{"name": "features", "datatype": "FP32", "shape": ["-1", "4"]}]
    assert [output["name"] for output in model["outputs"]] == ["prediction", "doubled"]
    assert (model["versions"], model["platform"]) == (["1"], "onnx_onnxv1")


def test_a_prediction_has_the_id_the_model_and_all_outputs(ask: Ask) -> None:
    got, told = ask("infer", "tiny", FEATURES, request_id="mine", model_version="1")

    assert list(got) == ["prediction", "doubled"]
    assert got["prediction"].tolist() == PREDICTION
    assert (told["model_name"], told["model_version"], told["id"]) == ("tiny", "1", "mine")


def test_outputs_come_as_asked_for_and_in_that_order(ask: Ask) -> None:
    both, _ = ask("infer", "tiny", FEATURES, ("doubled", "prediction"))
    one, _ = ask("infer", "tiny", FEATURES, ("prediction",))

    assert list(both) == ["doubled", "prediction"]
    assert list(one) == ["prediction"]


def test_no_rows_are_answered_with_no_rows(ask: Ask) -> None:
    got, _ = ask("infer", "tiny", {"features": np.empty((0, 4), np.float32)})

    assert got["prediction"].shape == (0, 1)


def test_a_parameter_changes_nothing(ask: Ask) -> None:
    got, _ = ask("infer", "tiny", FEATURES, parameters={"mine": "yes", "count": 3, "on": True})

    assert got["prediction"].tolist() == PREDICTION


def test_every_datatype_goes_there_and_back(process: Ask, place: Place, flavour: str) -> None:
    """BYTES with a NUL inside."""
    given = every(rows=1)
    given["x_bytes"][0] = [b"a\0b", "déjà vu".encode()]

    got, _ = process(place("every"), flavour, "infer", "every", given)

    for name, array in given.items():
        assert_array_equal(got[name.replace("x_", "y_")], array)


def test_bf16_goes_there_and_back(process: Ask, place: Place, flavour: str) -> None:
    given = np.array([[0.1, -3e38], [np.inf, 0]], bfloat16)

    got, _ = process(place("bf16"), flavour, "infer", "tiny", {"x": given})

    assert_array_equal(got["y"], given)


def test_bytes_that_are_no_text_are_refused(process: Ask, place: Place, flavour: str) -> None:
    """ONNX Runtime carries text only, as UTF-8."""
    given = every(rows=1)
    given["x_bytes"][0, 1] = b"\xff\xfe"

    with pytest.raises(TritonRefusedError, match=r"x_bytes.*not UTF-8") as refused:
        process(place("every"), flavour, "infer", "every", given)

    assert refused.value.status == "StatusCode.INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("model", "given", "asked", "status", "words"),
    [
        ("other", FEATURES, (), "NOT_FOUND", "other"),
        ("tiny", {"wrong": FEATURES["features"]}, (), "INVALID_ARGUMENT", "wrong"),
        ("tiny", {"features": np.zeros((1, 3), np.float32)}, (), "INVALID_ARGUMENT", "features"),
        ("tiny", {"features": np.zeros((1, 4), np.int64)}, (), "INVALID_ARGUMENT", "INT64"),
        ("tiny", FEATURES, ("nothing",), "INVALID_ARGUMENT", "nothing"),
        ("tiny", {"features": np.zeros((400_000, 4), np.float32)}, (), "RESOURCE_EXHAUSTED", ""),
        ("tiny", {"features": np.zeros((5_000_000, 1))}, (), "RESOURCE_EXHAUSTED", "larger than"),
    ],
    ids=[
        "unknown model", "unknown input", "wrong shape", "wrong datatype", "unknown output",
        "too large for Lambda", "too large for a message",
    ],
)  # fmt: skip
def test_a_refusal_reaches_the_caller_as_the_clients_own_exception_with_our_words(
    ask: Ask, model: str, given: Any, asked: tuple[str, ...], status: str, words: str
) -> None:
    with pytest.raises(TritonRefusedError) as refused:
        ask("infer", model, given, asked)

    assert refused.value.status == f"StatusCode.{status}"
    assert words in refused.value.message


def test_another_version_is_not_found(ask: Ask) -> None:
    for method, told in (
        ("is_model_ready", ()),
        ("get_model_metadata", ()),
        ("infer", (FEATURES,)),
    ):
        with pytest.raises(TritonRefusedError) as refused:
            ask(method, "tiny", *told, model_version="2")

        assert refused.value.status == "StatusCode.NOT_FOUND"


@pytest.mark.parametrize(
    "method", ["get_model_config", "get_inference_statistics", "get_trace_settings"]
)
def test_what_only_triton_has_is_told_to_be_unimplemented(ask: Ask, method: str) -> None:
    with pytest.raises(TritonRefusedError) as refused:
        ask(method, "tiny")

    assert refused.value.status == "StatusCode.UNIMPLEMENTED"
