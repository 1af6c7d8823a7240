"""Several models in one call: wiring, ensembles, and rows that take different ways."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from tests.support.onnx_models import spec
from tests.support.pipelines import FEATURES, Recorder, linear, model_step, pipeline
from wherry.errors import ModelError, RequestError

TWO = {"a.onnx": linear(1), "b.onnx": linear(3, 1)}
STEPS = [model_step("a"), model_step("b")]
ROWS = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.1]], np.float32)
CASCADE = [*STEPS, {"kind": "cascade", "name": "c", "steps": ["a", "b"], "threshold": 0.5}]
SWITCH = [*STEPS, {"kind": "switch", "name": "s", "by": "which", "cases": {"x": "a", "y": "b"}}]
WHICH = (*FEATURES, spec("which", "BYTES"))


def texts(*values: str) -> NDArray[Any]:
    return np.array(values, object)


def test_a_sequence_feeds_one_model_with_the_answer_of_another() -> None:
    steps = [model_step("a"), model_step("b", features="a.probabilities")]

    (told,) = pipeline(steps, {"y": "b.probabilities"}, TWO).run(["y"], {"features": ROWS})

    assert_array_equal(told, ROWS * 3 + 1)


def test_steps_run_in_the_order_of_need_and_not_of_writing() -> None:
    steps = [model_step("b", features="a.probabilities"), model_step("a")]

    (told,) = pipeline(steps, {"y": "b.probabilities"}, TWO).run(["y"], {"features": ROWS})

    assert_array_equal(told, ROWS * 3 + 1)


def test_a_pipeline_has_the_face_of_a_session() -> None:
    made = pipeline(STEPS, {"la": "a.label", "pb": "b.probabilities"}, TWO)

    assert made.inputs == {"features": "FP32"}
    assert made.outputs == {"la": "INT64", "pb": "FP32"}


def test_only_what_the_wanted_outputs_need_is_run_and_each_step_once() -> None:
    recorder = Recorder()
    outputs = {"la": "a.label", "pa": "a.probabilities", "lb": "b.label"}
    made = pipeline(STEPS, outputs, TWO, recorder=recorder)

    made.run(["pa", "la"], {"features": ROWS})

    assert recorder.asked == [[3], []]


def test_the_mean_of_models_is_the_mean_of_their_answers_with_its_label() -> None:
    of = ["a.probabilities", "b.probabilities"]
    steps = [*STEPS, {"kind": "mean", "name": "m", "of": of, "labels": ["left", "right"]}]
    made = pipeline(steps, {"p": "m.value", "l": "m.label"}, TWO)

    value, label = made.run(["p", "l"], {"features": ROWS})

    assert value.dtype == np.float32
    assert_array_equal(value, ((ROWS.astype(float) + (ROWS * 3 + 1)) / 2).astype(np.float32))
    assert label.tolist() == ["left", "right", "left"]
    assert made.outputs == {"p": "FP32", "l": "BYTES"}


def test_weights_count_in_proportion() -> None:
    of = {"a.probabilities": 3, "b.probabilities": 1}
    steps = [*STEPS, {"kind": "weighted", "name": "w", "of": of, "labels": [7, 9]}]
    made = pipeline(steps, {"p": "w.value", "l": "w.label"}, TWO)

    value, label = made.run(["p", "l"], {"features": ROWS})

    np.testing.assert_allclose(value, ROWS * 0.75 + (ROWS * 3 + 1) * 0.25, rtol=1e-6)
    assert label.tolist() == [7, 9, 7]


def test_a_vote_is_won_by_the_most_and_a_tie_by_the_one_named_first() -> None:
    inputs = [spec(name, "BYTES") for name in "xyz"]
    made = pipeline(
        [{"kind": "vote", "name": "v", "of": ["x", "y", "z"]}], {"l": "v.label"}, {}, inputs=inputs
    )

    feeds = {"x": texts("a", "a"), "y": texts("b", "b"), "z": texts("b", "c")}
    (told,) = made.run(["l"], feeds)

    assert told.tolist() == ["b", "a"]


def test_a_switch_sends_each_row_to_the_model_that_its_value_names() -> None:
    recorder = Recorder()
    made = pipeline(
        SWITCH, {"p": "s.probabilities", "l": "s.label"}, TWO, inputs=WHICH, recorder=recorder
    )

    feeds = {"features": ROWS, "which": texts("y", "x", "y")}
    p, label = made.run(["p", "l"], feeds)

    assert_array_equal(p, np.stack([ROWS[0] * 3 + 1, ROWS[1], ROWS[2] * 3 + 1]))
    assert label.tolist() == [0, 1, 0]
    assert recorder.asked == [[1], [2]]


def test_a_value_that_chooses_no_model_is_the_callers_to_change() -> None:
    made = pipeline(SWITCH, {"p": "s.probabilities"}, TWO, inputs=WHICH)

    with pytest.raises(RequestError, match='which, row 1: "z" chooses no model; "x", "y" do'):
        made.run(["p"], {"features": ROWS, "which": texts("x", "z", "x")})


def test_a_switch_may_have_a_step_for_all_other_values() -> None:
    steps = [*STEPS, {**SWITCH[-1], "by": "which", "cases": {"true": "a"}, "otherwise": "b"}]
    inputs = (*FEATURES, spec("which", "BOOL"))
    made = pipeline(steps, {"p": "s.probabilities"}, TWO, inputs=inputs)

    (p,) = made.run(["p"], {"features": ROWS[:2], "which": np.array([True, False])})

    assert_array_equal(p, np.stack([ROWS[0], ROWS[1] * 3 + 1]))


def test_a_cascade_asks_the_next_model_only_of_the_rows_that_are_unsure() -> None:
    recorder = Recorder()
    made = pipeline(CASCADE, {"p": "c.probabilities", "l": "c.label"}, TWO, recorder=recorder)

    p, label = made.run(["p", "l"], {"features": ROWS})

    assert_array_equal(p, np.stack([ROWS[0], ROWS[1], ROWS[2] * 3 + 1]))
    assert label.tolist() == [0, 1, 0]
    assert recorder.asked == [[3], [1]]


def test_a_cascade_takes_a_row_that_is_not_a_number_for_unsure() -> None:
    made = pipeline(CASCADE, {"p": "c.probabilities"}, TWO)

    (p,) = made.run(["p"], {"features": np.array([[np.nan, 0.9], [0.9, 0]], np.float32)})

    assert p[0, 1] == np.float32(0.9) * 3 + 1
    assert_array_equal(p[1], np.array([0.9, 0], np.float32))


def test_a_model_that_answers_no_row_is_not_run() -> None:
    recorder = Recorder()
    made = pipeline(CASCADE, {"p": "c.probabilities"}, TWO, recorder=recorder)

    made.run(["p"], {"features": ROWS[:2]})

    assert recorder.asked == [[2], []]


@pytest.mark.parametrize("steps", [CASCADE, SWITCH], ids=["cascade", "switch"])
def test_no_rows_come_back_as_no_rows_of_the_right_kind(steps: Any) -> None:
    name = steps[-1]["name"]
    inputs = WHICH if name == "s" else FEATURES
    made = pipeline(steps, {"l": f"{name}.label", "p": f"{name}.probabilities"}, TWO, inputs=inputs)

    feeds = {"features": ROWS[:0], "which": texts()}
    label, p = made.run(["l", "p"], {each.name: feeds[each.name] for each in inputs})

    assert (label.shape, str(label.dtype)) == ((0,), "int64")
    assert (p.shape, str(p.dtype)) == ((0, 2), "float32")


def test_what_all_rows_have_already_is_not_computed_again_for_some_of_them() -> None:
    recorder = Recorder()
    steps = [model_step("a"), model_step("b", features="a.probabilities"), CASCADE[-1]]
    made = pipeline(steps, {"p": "c.probabilities"}, TWO, recorder=recorder)

    (p,) = made.run(["p"], {"features": ROWS})

    assert_array_equal(p[2], ROWS[2] * 3 + 1)
    assert recorder.asked == [[3], [1]]


def test_the_time_of_each_step_that_ran_is_told_and_a_route_tells_only_its_own() -> None:
    times: dict[str, float] = {}

    pipeline(CASCADE, {"p": "c.probabilities"}, TWO).run(["p"], {"features": ROWS}, times)

    assert times == {"a": 1000, "b": 1000, "c": 3000}


def test_steps_whose_answers_differ_in_shape_are_not_mixed() -> None:
    inputs = [spec("x", "FP32", (-1, -1)), spec("y", "FP32", (-1, -1))]
    steps = [{"kind": "mean", "name": "m", "of": ["x", "y"]}]
    made = pipeline(steps, {"v": "m.value"}, {}, inputs=inputs)

    with pytest.raises(ModelError, match="differ in shape"):
        made.run(["v"], {"x": np.zeros((2, 1), np.float32), "y": np.zeros((2, 2), np.float32)})


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.sampled_from("xy")), max_size=20))
def test_every_row_gets_the_answer_that_it_would_get_alone(rows: list[tuple[float, str]]) -> None:
    cascade = {**CASCADE[-1], "steps": ["s", "b"]}
    made = pipeline([*SWITCH, cascade], {"p": "c.probabilities"}, TWO, inputs=WHICH)
    features = np.array([[value, 0] for value, _ in rows], np.float32).reshape(-1, 2)
    which = np.array([name for _, name in rows], object)

    (told,) = made.run(["p"], {"features": features, "which": which})

    for row in range(len(rows)):
        one = {"features": features[row : row + 1], "which": which[row : row + 1]}
        assert_array_equal(told[row : row + 1], made.run(["p"], one)[0])
