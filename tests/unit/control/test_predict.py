"""Asking a model over HTTP: what is sent, who answered, and what an error becomes."""

import json
from pathlib import Path

import httpx
import pytest
from botocore.credentials import Credentials

from wherry.errors import CloudError, RequestError, UsageError
from wherry_control.pacing import at_rate
from wherry_control.predict import (
    Caller,
    Signer,
    ask,
    ask_plainly,
    read_inputs,
    split_by_release,
    unsigned,
    with_iam,
    with_key,
)
from wherry_control.tensors import infer_request

URL = "http://127.0.0.1:1/restapis/abc/dev/_user_request_"
METADATA = {"inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}]}


class Model:
    """A model behind HTTP; its releases take turns."""

    def __init__(self, *releases: str) -> None:
        self.requests: list[httpx.Request] = []
        self._releases = releases

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=METADATA)
        release = self._releases[len(self.requests) % len(self._releases)]
        self.requests.append(request)
        headers = {
            "x-wherry-version": "3",
            "x-wherry-release": release,
            "x-wherry-digest": "sha256:a",
            "x-wherry-prediction-id": "id",
        }
        outputs = [{"name": "label", "datatype": "INT64", "shape": [1], "data": [0]}]
        return httpx.Response(200, json={"outputs": outputs}, headers=headers)


def caller(answer: object, sign: Signer = unsigned) -> Caller:
    transport = httpx.MockTransport(answer)  # type: ignore[arg-type]
    return Caller(httpx.Client(transport=transport), URL, sign)


def test_rows_go_to_the_models_one_input_with_its_datatype() -> None:
    model = Model("7")

    told = ask(caller(model, with_key("secret")), "iris", [[1.5, 2], [3, 4]], 1)[0]

    sent = model.requests[0]
    assert str(sent.url) == f"{URL}/v2/models/iris/infer"
    assert sent.headers["x-api-key"] == "secret"
    assert json.loads(sent.content) == {
        "inputs": [
            {"name": "features", "shape": [2, 2], "datatype": "FP32", "data": [1.5, 2, 3, 4]}
        ]
    }
    assert (told.model_version, told.release, told.digest) == ("3", "7", "sha256:a")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("rows.csv", "text/csv"), ("THREE.PNG", "image/png"), ("rows.json", "application/json")],
)
@pytest.mark.parametrize("told", [{"prediction": {"label": 3}}, {"predictions": [{"label": 3}]}])
def test_a_file_is_sent_as_it_is_and_named_by_its_ending(
    tmp_path: Path, name: str, media_type: str, told: object
) -> None:
    (tmp_path / name).write_bytes(b"\x89 as it is")
    sent: list[httpx.Request] = []

    def model(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=told, headers={"x-wherry-release": "7"})

    [answer] = ask_plainly(caller(model), "digits", tmp_path / name, 1)

    assert (answer.predictions, answer.release) == ([{"label": 3}], "7")
    assert str(sent[0].url) == f"{URL}/predict/digits"
    assert (sent[0].content, sent[0].headers["content-type"]) == (b"\x89 as it is", media_type)


@pytest.mark.parametrize(("name", "told"), [("a.exe", r"\.csv, \.txt"), ("none.png", "cannot be")])
def test_a_file_that_cannot_be_sent_is_wrong_usage(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ask_plainly(caller(Model("7")), "digits", tmp_path / name, 1)


def test_many_answers_are_counted_by_release() -> None:
    answers = ask(caller(Model("1", "1", "2")), "iris", {"features": [[1, 2]]}, 6)

    assert split_by_release(answers) == {"1": 4, "2": 2}


def test_an_iam_request_is_signed_for_the_gateway() -> None:
    model = Model("1")
    sign = with_iam(Credentials("AKIA", "secret", "token"), "eu-west-1")

    ask(caller(model, sign), "iris", [[1, 2]], 1)

    headers = model.requests[0].headers
    assert "eu-west-1/execute-api/aws4_request" in headers["authorization"]
    assert headers["x-amz-security-token"] == "token"


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, '{"error": "features: wrong shape"}', RequestError, "400: features: wrong shape"),
        (403, '{"message": "Forbidden"}', RequestError, "403: Forbidden"),
        (502, "<html>", CloudError, "502: <html>"),
        (504, "", CloudError, "504: no body"),
    ],
)
def test_an_error_is_told_in_the_words_of_whoever_gave_it(
    status: int, body: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        caller(lambda _request: httpx.Response(status, text=body)).datatypes("iris")


def test_no_answer_is_told_without_a_traceback() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(CloudError, match="no answer"):
        caller(refuse).datatypes("iris")


def test_an_input_that_the_model_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(RequestError, match=r"no such input\. It has: features\."):
        infer_request({"rows": [[1]]}, {"features": "FP32"})


def test_data_is_json_or_a_file_or_the_first_golden_example(tmp_path: Path) -> None:
    golden = {"examples": [{"name": "one", "inputs": {"features": [[1]]}, "expect": {}}]}
    (tmp_path / "golden.json").write_text(json.dumps(golden))
    (tmp_path / "rows.json").write_text("[[2]]")

    assert read_inputs("[[3]]", tmp_path) == [[3]]
    assert read_inputs(f"@{tmp_path}/rows.json", tmp_path) == [[2]]
    assert read_inputs(None, tmp_path) == {"features": [[1]]}


@pytest.mark.parametrize("data", ["[[1", "@nothing.json", None])
def test_data_that_cannot_be_read_is_wrong_usage(data: str | None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        read_inputs(data, tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>hello</html>"),
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={"models": []}),
    ],
)
def test_an_address_where_something_else_answers_is_told(answer: httpx.Response) -> None:
    with pytest.raises(CloudError, match="what answers there is no model"):
        ask(caller(lambda _: answer), "iris", [[1, 2]], 1)


def test_a_page_that_is_no_json_is_told_by_its_first_line() -> None:
    page = httpx.Response(502, text="<!DOCTYPE html>\n<html>many\nlines</html>")

    with pytest.raises(CloudError, match="502: <!DOCTYPE html>") as caught:
        ask(caller(lambda _: page), "iris", [[1, 2]], 1)

    assert caught.value.what == "502: <!DOCTYPE html>"


@pytest.mark.parametrize("data", ["[[NaN, 1]]", "[[1e999, 1]]"])
def test_a_number_that_json_cannot_hold_is_not_sent(data: str, tmp_path: Path) -> None:
    model = Model("1")

    with pytest.raises(UsageError, match="--data"):
        ask(caller(model), "iris", read_inputs(data, tmp_path), 1)

    assert model.requests == []


def test_empty_data_is_told_of_the_option_and_not_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs("", tmp_path)

    assert caught.value.where == "--data"


def test_each_row_is_a_request_of_its_own_in_turn() -> None:
    model = Model("1")

    answers = ask(caller(model), "iris", [[1, 2], [3, 4]], 3, each=True)

    assert len(answers) == 3
    sent = [json.loads(request.content)["inputs"][0] for request in model.requests]
    assert [each["data"] for each in sent] == [[1, 2], [3, 4], [1, 2]]
    assert {tuple(each["shape"]) for each in sent} == {(1, 2)}


def test_data_without_rows_cannot_be_sent_row_by_row() -> None:
    with pytest.raises(UsageError, match="the data holds no rows"):
        ask(caller(Model("1")), "iris", {"features": []}, 1, each=True)


def test_a_pace_waits_for_its_turn_and_makes_up_for_nothing() -> None:
    waited: list[float] = []
    times = iter([0.0, 0.0, 0.0, 0.1, 0.5, 9.0, 9.0])
    pace = at_rate(2, lambda: next(times), waited.append)

    for _ in range(3):
        pace()

    assert waited == [0.0, 0.4, 0.0]
