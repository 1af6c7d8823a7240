"""The certificate: what is tried of a real model, what is told, and what refuses it."""

import json
import re
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from models.preparation.parity import Beside, prove
from models.preparation.parity.gates import Gates
from models.preparation.parity.proving import compared
from models.preparation.parity.report import html, text
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.thresholds import floor32
from wherry.errors import ParityError

Rows = NDArray[Any]
TREES, LINEAR = Gates.of("trees"), Gates.of("linear")
ALL, TRUTH = load_breast_cancer(return_X_y=True)
LEARNT, LEARNT_TRUTH, HELD_OUT, HELD_OUT_TRUTH = ALL[::2], TRUTH[::2], ALL[1::2], TRUTH[1::2]
FEEDS = {"features": HELD_OUT}


def source(estimator: Any) -> EstimatorSource:
    return EstimatorSource(estimator.fit(LEARNT, LEARNT_TRUTH), columns=LEARNT.shape[1])


def rounded_to_nearest(boosting: EstimatorSource) -> bytes:
    """As converters left it: each threshold the nearest float32, not the one below."""
    doubles = np.concatenate(
        [tree.nodes["num_threshold"] for trees in boosting._estimator._predictors for tree in trees]
    )
    nearest = dict(zip(floor32(doubles).tolist(), doubles.astype(np.float32).tolist(), strict=True))
    model = onnx.load_from_string(boosting.convert())
    for node in model.graph.node:
        for each in node.attribute:
            if each.name == "nodes_values":
                each.floats[:] = [nearest.get(value, value) for value in each.floats]
    data: bytes = model.SerializeToString()
    return data


@pytest.fixture(scope="module")
def forest() -> EstimatorSource:
    return source(RandomForestClassifier(10, random_state=0))


def test_a_forest_is_tried_on_every_threshold_and_on_numbers_of_every_kind(
    forest: EstimatorSource,
) -> None:
    """Each set is told, all agree, and the thresholds are three rows for each node."""
    model = forest.convert()
    told = prove(forest, model, FEEDS, gates=TREES)
    sets = {each.name: each for each in told.sets}
    branches = sum(
        mode != b"LEAF"
        for node in onnx.load_from_string(model).graph.node
        for each in node.attribute
        if each.name == "nodes_modes"
        for mode in each.strings
    )

    assert list(sets) == ["held-out", "mixed", "thresholds", "NaN", "zeros", "extremes"]
    assert sets["thresholds"].rows == sets["thresholds"].of == 3 * branches
    assert (told.total.label_agreement, told.total.rows_over_tolerance) == (1.0, 0)
    assert told.batches.empty == "answered"
    assert told.second_engine.tried
    assert told.second_engine.wrong == 0


def test_thresholds_rounded_to_the_nearest_float32_are_refused() -> None:
    """Real rows hardly show it; rows on the thresholds do."""
    boosting = source(HistGradientBoostingClassifier(max_iter=20, random_state=0))
    model = rounded_to_nearest(boosting)

    told = compared(boosting, model, FEEDS, gates=TREES)
    wrong = {each.name: each.rows_over_tolerance for each in told.sets}

    assert wrong["thresholds"] > 10 > wrong["held-out"]
    with pytest.raises(ParityError, match=r"row \d+, ") as caught:
        prove(boosting, model, FEEDS, gates=TREES)
    assert "the trained model answers" in caught.value.what
    assert "float32" in caught.value.todo
    assert prove(boosting, boosting.convert(), FEEDS, gates=TREES).passed


def test_a_tree_that_sends_nan_the_wrong_way_is_refused_with_what_to_do(
    forest: EstimatorSource,
) -> None:
    """The trained forest takes NaN, so the converted one must answer the same."""
    model = onnx.load_from_string(forest.convert())
    for node in model.graph.node:
        for each in node.attribute:
            if each.name == "nodes_missing_value_tracks_true":
                each.ints[:] = [0] * len(each.ints)

    with pytest.raises(ParityError, match="NaN row") as caught:
        prove(forest, model.SerializeToString(), FEEDS, gates=TREES)
    assert "Fill in missing values" in caught.value.todo


def test_rows_that_the_trained_model_refuses_are_left_out_and_told() -> None:
    """Linear models refuse NaN; that is no difference."""
    linear = source(LogisticRegression(max_iter=5000))

    told = prove(linear, linear.convert(), FEEDS, gates=LINEAR)
    (nan,) = [each for each in told.sets if each.name == "NaN"]

    assert (nan.rows, nan.refused) == (0, HELD_OUT.shape[1] + 1)
    assert "NaN" in nan.refusal


def test_numbers_that_no_sum_can_hold_are_told_and_refuse_no_linear_model() -> None:
    """The largest float32 overflows in the converted model, not in the trained one."""
    linear = source(LogisticRegression(max_iter=5000))

    told = prove(linear, linear.convert(), FEEDS, gates=LINEAR)

    assert [each.name for each in told.sets if not each.gated] == ["extremes"]


def test_a_model_without_rows_is_tried_on_made_up_ones(forest: EstimatorSource) -> None:
    """No held-out rows are claimed, and the thresholds are tried all the same."""
    none = {"features": HELD_OUT[:0]}

    told = prove(forest, forest.convert(), none, gates=TREES)

    assert told.held_out is None
    assert told.summary.rows == 0
    assert told.summary.adversarial_rows == sum(each.rows for each in told.sets) > 500


def test_a_wrong_model_is_refused_without_any_real_row(forest: EstimatorSource) -> None:
    """Made-up rows are enough to tell two forests apart."""
    other = source(RandomForestClassifier(10, random_state=5))

    with pytest.raises(ParityError, match="labels agree"):
        prove(forest, other.convert(), {"features": HELD_OUT[:0]}, gates=TREES)


def test_the_same_model_rows_and_seed_give_the_same_bytes(forest: EstimatorSource) -> None:
    """It holds no clock; another seed draws other rows."""
    model = forest.convert()

    first, second = (prove(forest, model, FEEDS, gates=TREES).to_bytes() for _ in range(2))
    other = prove(forest, model, FEEDS, gates=TREES, beside=Beside(seed=1)).to_bytes()

    assert first == second != other
    assert json.loads(first)["passed"] is True


def test_what_float32_costs_is_told() -> None:
    """A tree that splits between two float64 that are one float32."""
    rows = np.repeat([[0.1], [0.1 + 1e-10]], 20, axis=0)
    truth = np.repeat([0, 1], 20)
    tree = EstimatorSource(LogisticRegression(C=1e25, max_iter=10).fit(rows, truth), columns=1)

    told = compared(tree, tree.convert(), {"features": rows}, gates=LINEAR)

    assert told.float64.tried
    assert told.float64.rows == 40
    single = {"features": rows.astype(np.float32)}
    assert not compared(tree, tree.convert(), single, gates=LINEAR).float64.tried


def test_a_metric_gate_judges_the_metric_and_not_each_number(forest: EstimatorSource) -> None:
    """A smaller forest is no copy; it may stay if it is as good, and not if it is worse."""
    smaller = source(RandomForestClassifier(5, random_state=1)).convert()
    beside = Beside(truth=HELD_OUT_TRUTH)
    mild, strict = (Gates.of_metric(metric_drop=d, label_agreement=0.8) for d in (0.1, -0.1))

    told = prove(forest, smaller, FEEDS, gates=mild, beside=beside)

    assert told.metric is not None
    assert told.metric.name == "accuracy"
    assert told.summary.gate == "metric"
    with pytest.raises(ParityError, match="accuracy drops by"):
        prove(forest, smaller, FEEDS, gates=strict, beside=beside)


def test_held_out_rows_that_the_trained_model_refuses_are_the_users_to_mend() -> None:
    """There is nothing to hold the converted model against."""
    linear = source(LogisticRegression(max_iter=5000))
    broken = {"features": np.full((3, HELD_OUT.shape[1]), np.nan)}

    with pytest.raises(ParityError, match="3 held-out rows: the trained model itself refuses"):
        prove(linear, linear.convert(), broken, gates=LINEAR)


def test_the_report_shows_the_verdict_the_sets_and_the_worst_row(forest: EstimatorSource) -> None:
    """One page that stands alone, of a model that is refused as of one that passes."""
    other = source(RandomForestClassifier(10, random_state=5)).convert()
    good = compared(forest, forest.convert(), FEEDS, gates=TREES)
    bad = compared(forest, other, FEEDS, gates=TREES)

    pages = [html(each, {"model": "<cancer>"}).decode() for each in (good, bad)]

    assert "answers like the trained one" in pages[0]
    assert re.search(r"Refused: of [\d,]+ rows that count", pages[1])
    for told in pages:
        assert "Parity of &lt;cancer&gt;" in told
        assert all(f"<td>{each.name}" in told for each in good.sets)
        assert not re.search(r"<script|https?:", told)
    assert all(len(line) <= 80 for line in text(bad))
    assert len(text(good)) == 1 + len(good.sets)
