"""Releases of several models and of text, behind the deployed handler in its own interpreter."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from onnx import helper
from tokenizers import Tokenizer, models, pre_tokenizers

from tests.support.events import Call, rest_api_v1
from tests.support.lambda_process import Run, invoke, python
from tests.support.onnx_models import onnx_model, spec
from tests.support.pipelines import linear, model_step, sealed_pipeline
from tests.support.requests_v2 import outputs_of, request, tensor
from tests.support.services import published
from wherry.artifact import Artifact

WORDS = {"?": 0, "ship": 1, "sails": 2, "secret": 3}
IDS = [spec("input_ids", "INT64", (-1, -1)), spec("attention_mask", "INT64", (-1, -1))]


def longest_word_id() -> bytes:
    """`prediction` is the largest token id of a text that is no padding."""
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["told"]),
        helper.make_node("Cast", ["told"], ["fractions"], to=1),
        helper.make_node("ReduceMax", ["fractions", "axis"], ["prediction"], keepdims=0),
    ]
    model = onnx_model(nodes, IDS, [spec("prediction", "FP32", (-1,))], {"axis": [1]})
    return bytes(model.SerializeToString())


def of_text() -> Artifact:
    made = Tokenizer(models.WordLevel(WORDS, unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    inputs = {each.name: f"words.{each.name}" for each in IDS}
    steps = [
        {"kind": "tokenize", "name": "words", "text": "text", "max_tokens": 8},
        model_step("model", **inputs),
    ]
    outputs = {"prediction": ("model.prediction", spec("prediction", "FP32", (-1,)))}
    files = {"model.onnx": longest_word_id(), "tokenizer.json": made.to_str().encode()}
    return sealed_pipeline(steps, outputs, files, inputs=[spec("text", "BYTES")])


def cascade() -> Artifact:
    steps = [
        model_step("a"),
        model_step("b"),
        {"kind": "cascade", "name": "c", "steps": ["a", "b"], "threshold": 0.5},
    ]
    promise = spec("prediction", "FP32", (-1, 2))
    files = {"a.onnx": linear(1), "b.onnx": linear(10)}
    return sealed_pipeline(steps, {"prediction": ("c.probabilities", promise)}, files)


def call(*inputs: Mapping[str, object]) -> Mapping[str, object]:
    body = request(*(dict(each) for each in inputs), parameters={"step_times": True})
    return rest_api_v1(Call("POST", "/v2/models/both/infer", body))


@pytest.fixture
def text(tmp_path: Path) -> Run:
    calls = [
        call(tensor("text", "BYTES", [2], ["the ship sails", "secret"])),
        call(tensor("text", "BYTES", [1], ["secret " * 4000])),
    ]
    return invoke(calls, published(tmp_path / "store", of_text()), tmp_path)


def test_text_is_answered_and_what_is_too_long_is_a_413(text: Run) -> None:
    assert [reply["statusCode"] for reply in text.replies] == [200, 413]
    assert outputs_of(text.replies[0]["body"])["prediction"] == [2, 3]
    assert "characters came" in json.loads(text.replies[1]["body"])["error"]


def test_the_time_of_each_step_is_in_the_evidence_and_no_text_is(text: Run) -> None:
    assert text.lines[0]["steps_ms"].keys() == {"words", "model"}
    assert "secret" not in json.dumps(text.lines)
    assert text.stderr == ""


def test_each_row_takes_its_own_way_through_a_cascade(tmp_path: Path) -> None:
    rows = [[0.9, 0.0], [0.1, 0.2]]
    environment = published(tmp_path / "store", cascade())

    run = invoke([call(tensor("features", "FP32", [2, 2], rows))], environment, tmp_path)

    told = json.loads(run.replies[0]["body"])
    first, second = outputs_of(run.replies[0]["body"])["prediction"]
    assert (first, second) == (pytest.approx([0.9, 0]), pytest.approx([1, 2]))
    assert told["parameters"].keys() == {"step_ms.a", "step_ms.b", "step_ms.c"}


def test_who_serves_one_model_imports_nothing_of_pipelines(tmp_path: Path) -> None:
    look = "import sys, functions.inference.api; print([name for name in sys.modules if name in "
    look += "{'tokenizers', 'wherry.pipeline.executor', 'wherry.pipeline.text'}])"

    done = python(look, environment=published(tmp_path / "store"))

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
