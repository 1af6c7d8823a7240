"""A pipeline that cannot run is refused when it is loaded, with the step and what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from tests.support.onnx_models import spec
from tests.support.pipelines import FEATURES, linear, model_step, pipeline
from wherry.errors import ArtifactError
from wherry.pipeline.spec import PipelineSpec

A = {"a.onnx": linear(1)}
STEP = model_step("a")
OUT = {"p": "a.probabilities"}


def step(kind: str, **told: Any) -> dict[str, Any]:
    return {"kind": kind, "name": "it", **told}


@pytest.mark.parametrize(
    ("steps", "outputs", "told"),
    [
        ([STEP, STEP], OUT, "'a': two steps have this name"),
        ([model_step("a", features="x")], OUT, "'a': nothing gives 'x'"),
        ([STEP], {"p": "b.probabilities"}, "output 'p': nothing gives 'b.probabilities'"),
        ([STEP], {"p": "a.prediction"}, "'a': it gives no 'prediction'"),
        ([model_step("a", features="a.label")], OUT, "'a': it waits for itself"),
        ([STEP, {**STEP, "name": "b"}], OUT, "'b': nothing takes what it gives"),
        ([model_step("a", features="features", other="features")], OUT, "takes {'features'"),
        ([{**STEP, "file": "b.onnx"}], OUT, "b.onnx: the pipeline needs it"),
        (
            [STEP, step("mean", of=["a.label", "a.label"])],
            {"v": "it.value"},
            "'it': it takes INT64",
        ),
        (
            [STEP, step("mean", of=["a.probabilities", "a.label"])],
            {"v": "it.value"},
            "'it': it takes FP32, INT64",
        ),
        (
            [step("mean", of=["features", "features"], labels=["a", 1])],
            {"v": "it.value"},
            "'it': its labels are of two kinds",
        ),
        (
            [step("vote", of=["features", "features"])],
            {"v": "it.label"},
            "'it': it takes FP32",
        ),
        (
            [STEP, step("switch", by="features", cases={"1": "a"})],
            {"p": "it.probabilities"},
            "'it': features is FP32",
        ),
        (
            [STEP, step("switch", by="a.label", cases={"one": "a"})],
            {"p": "it.probabilities"},
            "'it': a.label is INT64, and is never 'one'",
        ),
        (
            [STEP, step("switch", by="a.label", cases={"1": "b"})],
            {"p": "it.probabilities"},
            "'it': there is no step 'b'",
        ),
        (
            [STEP, step("cascade", steps=["a", "a"], threshold=0.5, confidence="label")],
            {"p": "it.probabilities"},
            "'it': its steps do not all give fractions called 'label'",
        ),
        (
            [step("tokenize", text="features")],
            {"i": "it.input_ids"},
            "'it': it takes FP32. Give it a BYTES tensor",
        ),
    ],
)
def test_a_pipeline_that_cannot_run_is_refused(
    steps: Sequence[Mapping[str, Any]], outputs: Mapping[str, str], told: str
) -> None:
    with pytest.raises(ArtifactError) as refused:
        pipeline(steps, outputs, {**A, "tokenizer.json": b"{}"})

    assert told in str(refused.value)


def test_a_circle_is_told_step_by_step() -> None:
    steps = [model_step("a", features="b.label"), model_step("b", features="a.label")]

    with pytest.raises(ArtifactError, match=r"\(a for b for a\)"):
        pipeline(steps, OUT, A)


def test_without_rows_there_is_nothing_to_choose_between() -> None:
    steps = [STEP, step("cascade", steps=["a", "a"], threshold=0.5)]

    with pytest.raises(ArtifactError, match="no input has rows"):
        pipeline(steps, {"p": "it.probabilities"}, A, inputs=[spec("features", "FP32", (1, 2))])


def test_a_member_that_is_no_model_is_named_by_its_file() -> None:
    with pytest.raises(ArtifactError, match=r"a\.onnx: ONNX Runtime"):
        pipeline([STEP], OUT, {"a.onnx": b"no model"})


def test_an_input_that_no_step_takes_is_not_offered() -> None:
    """So a service, which holds its manifest against this, refuses the manifest."""
    made = pipeline([STEP], OUT, A, inputs=[*FEATURES, spec("idle")])

    assert made.inputs == {"features": "FP32"}


@pytest.mark.parametrize(
    "told",
    [
        {"steps": [], "outputs": {"p": "a"}},
        {"steps": [{**STEP, "name": "A b"}], "outputs": OUT},
        {"steps": [{**STEP, "kind": "guess"}], "outputs": OUT},
        {"steps": [{**STEP, "more": 1}], "outputs": OUT},
        {"steps": [STEP], "outputs": {}},
        {"steps": [step("mean", of=["a.probabilities"])], "outputs": OUT},
        {"steps": [step("cascade", steps=["a", "b"], threshold=1.5)], "outputs": OUT},
        {"steps": [step("weighted", of={"a.x": 0, "a.y": 1})], "outputs": OUT},
    ],
)
def test_a_manifest_that_says_it_wrong_is_not_half_understood(told: Mapping[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told, PipelineSpec)
