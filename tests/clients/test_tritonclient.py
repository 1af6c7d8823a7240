"""tritonclient, the protocol's own client, is served unmodified behind every front."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tritonclient.http.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from tests.clients.conftest import LIVE, Fronts
from tests.support.gateway import FRONTS
from tests.support.onnx_models import TOGETHER
from tests.support.triton import CLIENTS, FEATURES, PREDICTION, Ask, every, tensors, wanted

CODINGS = [None, "gzip", "deflate"]


@pytest.fixture(params=LIVE)
def front(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=CLIENTS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(fronts: Fronts, front: str, flavour: str) -> Iterator[Ask]:
    """A client of the `scaled` model."""
    with CLIENTS[flavour](fronts.place(front)) as client:
        yield client


@pytest.fixture
def ask_every(fronts: Fronts, front: str, flavour: str) -> Iterator[Ask]:
    """A client of the model of all datatypes."""
    with CLIENTS[flavour](fronts.place(front, "every")) as client:
        yield client


def test_the_server_and_the_model_are_live_and_ready(ask: Ask) -> None:
    assert ask("is_server_live") is True
    assert ask("is_server_ready") is True
    assert ask("is_model_ready", "tiny") is True
    assert ask("is_model_ready", "tiny", model_version="1") is True
    assert ask("is_model_ready", "tiny", model_version="2") is False
    assert ask("is_model_ready", "other") is False


def test_the_server_tells_of_itself_and_of_the_model(ask: Ask) -> None:
    server, model = ask("get_server_metadata"), ask("get_model_metadata", "tiny", "1")

    assert server["name"] == "wherry"
    assert "binary_tensor_data" in server["extensions"]
    assert model["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, 4]}]
    assert [output["name"] for output in model["outputs"]] == ["prediction", "doubled"]
    assert (model["versions"], model["platform"]) == (["1"], "onnx_onnxv1")


def test_the_metadata_of_a_model_of_many_tensors_arrives_as_well(ask_every: Ask) -> None:
    """The aio client says that it takes gzip, and then inflates answers to `infer` alone."""
    model = ask_every("get_model_metadata", "every")

    assert len(model["inputs"]) == len(TOGETHER)


def test_configuration_and_statistics_are_there_for_who_asks(ask: Ask) -> None:
    ask("infer", "tiny", tensors(FEATURES))

    config = ask("get_model_config", "tiny")
    told = ask("get_inference_statistics", "tiny", "1")

    assert config["name"] == "tiny"
    assert told["model_stats"][0]["name"] == "tiny"
    assert told["model_stats"][0]["inference_stats"]["success"]["count"] > 0


@pytest.mark.parametrize("out", [True, False], ids=["binary out", "json out"])
@pytest.mark.parametrize("given", [True, False], ids=["binary in", "json in"])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_prediction_in_every_form(
    ask: Ask, *, given: bool, out: bool, coding: str | None
) -> None:
    result = ask(
        "infer", "tiny", tensors(FEATURES, binary=given), outputs=wanted("prediction", binary=out),
        request_compression_algorithm=coding, response_compression_algorithm=coding,
    )  # fmt: skip

    assert result.as_numpy("prediction").tolist() == PREDICTION
    assert ("binary_data_size" in result.get_output("prediction").get("parameters", {})) is out


@pytest.mark.parametrize("coding", CODINGS)
def test_a_long_answer_comes_compressed_if_asked_for(ask: Ask, coding: str | None) -> None:
    features = {"features": np.arange(40_000, dtype=np.float32).reshape(-1, 4)}

    result = ask("infer", "tiny", tensors(features), response_compression_algorithm=coding)

    assert_array_equal(result.as_numpy("doubled"), features["features"] * 2)


def test_the_id_and_the_versioned_url_are_understood(ask: Ask) -> None:
    result = ask("infer", "tiny", tensors(FEATURES), model_version="1", request_id="mine")

    told = result.get_response()
    assert (told["model_name"], told["model_version"], told["id"]) == ("tiny", "1", "mine")


def test_outputs_come_as_asked_for_and_in_that_order(ask: Ask) -> None:
    outputs = [*wanted("doubled", binary=False), *wanted("prediction")]

    some = ask("infer", "tiny", tensors(FEATURES), outputs=outputs).get_response()["outputs"]
    one = ask("infer", "tiny", tensors(FEATURES), outputs=outputs[1:]).get_response()["outputs"]

    assert [(told["name"], "data" in told) for told in some] == [
        ("doubled", True),
        ("prediction", False),
    ]
    assert [told["name"] for told in one] == ["prediction"]


def test_every_datatype_goes_there_and_back_in_binary(ask_every: Ask) -> None:
    given = every()
    given["x_bytes"] = np.array([[b"\x00", b"a\x00b"], ["€".encode(), b""], [b"b", b""]], object)

    result = ask_every("infer", "every", tensors(given))

    for name, array in given.items():
        got = result.as_numpy(name.replace("x_", "y_"))
        assert got.dtype == array.dtype
        assert_array_equal(got, array)


def test_bytes_that_are_no_text_are_refused_with_the_place(ask_every: Ask) -> None:
    """ONNX has strings only; what it would make of these bytes is never answered."""
    given = every()
    given["x_bytes"][1, 0] = b"\xff\xfe"

    with pytest.raises(InferenceServerException, match=r'"x_bytes": element 2 is not UTF-8'):
        ask_every("infer", "every", tensors(given))


def test_bf16_goes_there_and_back_in_binary(fronts: Fronts, front: str, flavour: str) -> None:
    given = np.array([[0.1, -3e38], [np.inf, 0]], ml_dtypes.bfloat16)

    with CLIENTS[flavour](fronts.place(front, "bf16")) as ask:
        result = ask("infer", "tiny", tensors({"x": given}))

    assert_array_equal(result.as_numpy("y"), given)


def test_every_datatype_that_json_can_carry_goes_there_and_back_in_it(ask_every: Ask) -> None:
    """The client sends FP16 in binary only, so the two forms share a request here."""
    given = every()
    binary = {"x_fp16": given.pop("x_fp16")}
    names = [name.replace("x_", "y_") for name in given]

    result = ask_every(
        "infer", "every", tensors(binary) + tensors(given, binary=False),
        outputs=wanted(*names, binary=False),
    )  # fmt: skip

    for name, array in given.items():
        got = result.as_numpy(name.replace("x_", "y_"))
        if name == "x_bytes":
            got = got.astype(str).astype(object)
        assert_array_equal(got, array)


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
def test_no_rows_are_answered_with_no_rows(ask: Ask, *, binary: bool) -> None:
    nothing = {"features": np.empty((0, 4), np.float32)}

    result = ask(
        "infer", "tiny", tensors(nothing, binary=binary),
        outputs=wanted("prediction", binary=binary),
    )  # fmt: skip

    assert result.as_numpy("prediction").shape == (0, 1)


@pytest.mark.parametrize(
    ("model", "given", "output", "words"),
    [
        ("other", FEATURES, "prediction", "other"),
        ("tiny", {"wrong": FEATURES["features"]}, "prediction", "wrong"),
        ("tiny", {"features": np.zeros((1, 3), np.float32)}, "prediction", "features"),
        ("tiny", {"features": np.zeros((1, 4), np.int64)}, "prediction", "INT64"),
        ("tiny", FEATURES, "nothing", "nothing"),
    ],
    ids=["unknown model", "unknown input", "wrong shape", "wrong datatype", "unknown output"],
)
@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
def test_a_refusal_is_the_clients_own_exception_with_our_words(
    ask: Ask, model: str, given: Any, output: str, words: str, *, binary: bool
) -> None:
    inputs, outputs = tensors(given, binary=binary), wanted(output, binary=binary)

    with pytest.raises(InferenceServerException) as refused:
        ask("infer", model, inputs, outputs=outputs)

    assert refused.value.status() == ("404" if model == "other" else "400")
    assert words in refused.value.message()


@pytest.mark.parametrize("extension", ["get_model_repository_index", "get_log_settings"])
def test_an_extension_that_is_not_served_is_refused_in_words(ask: Ask, extension: str) -> None:
    with pytest.raises(InferenceServerException, match="see GET /v2") as refused:
        ask(extension)

    assert refused.value.status() == "404"


def test_many_at_once_get_each_their_own_answer(fronts: Fronts, front: str) -> None:
    async def asked() -> list[Any]:
        async with InferenceServerClient(fronts.place(front)) as client:
            calls = (
                client.infer("tiny", tensors({"features": np.full((1, 4), number, np.float32)}))
                for number in range(64)
            )
            return await asyncio.gather(*calls)

    found = [result.as_numpy("prediction").item() for result in asyncio.run(asked())]

    assert found == [8 * number for number in range(64)]


def test_where_a_front_takes_an_untyped_body_for_text_one_header_mends_it(
    fronts: Fronts, flavour: str
) -> None:
    """AWS does not say what its HTTP API does with a body that has no Content-Type."""
    place = fronts.place_behind(replace(FRONTS["HTTP API"], untyped_is_text=True))
    typed = {"Content-Type": "application/octet-stream"}

    with CLIENTS[flavour](place) as ask:
        result = ask(
            "infer", "tiny", tensors(FEATURES), headers=typed, request_compression_algorithm="gzip"
        )

    assert result.as_numpy("prediction").tolist() == PREDICTION
