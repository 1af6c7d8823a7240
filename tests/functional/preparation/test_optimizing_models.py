"""Real models, optimised: trees, a network of layers, a bit of a transformer."""

import sys
import time

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.neural_network import MLPClassifier

from models.preparation.convert import convert
from models.preparation.optimizing.estimators import EstimatorRetrain
from models.preparation.optimizing.making import made
from models.preparation.optimizing.optimising import Outcome, optimize
from models.preparation.optimizing.page import page_of
from models.preparation.optimizing.report import report_of
from models.preparation.optimizing.settled import settled
from models.preparation.optimizing.subject import Made, OptimizeOptions, Subject
from tests.support.onnx_models import onnx_model, spec
from wherry.errors import ModelError
from wherry.session import Session

QUICK = OptimizeOptions(seconds=1.0)


def optimised(subject: Subject, options: OptimizeOptions = QUICK) -> Outcome:
    return optimize(subject, options=options, clock=time.perf_counter, progress=lambda _: None)


@pytest.fixture(scope="module")
def iris() -> Subject:
    """The forest of models/iris, and how it is learnt again."""
    data = load_iris()
    rows, y = data.data.astype(np.float32), data.target_names[data.target]
    part = np.random.default_rng(7).permutation(len(rows))
    learnt, held_out = part[:112], part[112:]
    forest = RandomForestClassifier(100, random_state=7).fit(rows[learnt], y[learnt])
    return Subject(
        model=convert(forest, columns=4, task="classification"),
        rows={"features": rows[held_out]},
        truth=y[held_out],
        task="classification",
        labels=list(forest.classes_),
        calibration={"features": rows[learnt]},
        retrain=EstimatorRetrain(
            forest,
            rows[learnt],
            y[learnt],
            lambda other: convert(other, columns=4, task="classification"),
        ),
    )


@pytest.fixture(scope="module")
def digits() -> Subject:
    """Two wide layers of scikit-learn's."""
    data = load_digits()
    rows, y = (data.data / 16).astype(np.float32), data.target
    network = MLPClassifier((512, 256), random_state=0, max_iter=20, tol=0.01, n_iter_no_change=2)
    network.fit(rows[:1400], y[:1400])
    return Subject(
        model=convert(network, columns=64, task="classification"),
        rows={"features": rows[1400:]},
        truth=y[1400:],
        task="classification",
        calibration={"features": rows[:1400]},
    )


def reasons(told: Outcome) -> dict[str, str]:
    return told.choice.reasons


@pytest.mark.filterwarnings("default::DeprecationWarning")  # skl2onnx, of a histogram of trees
def test_a_forest_has_fewer_trees_refits_and_students_and_no_int8(iris: Subject) -> None:
    """Each candidate is measured or says why not; all of them answer the same question."""
    told = optimised(iris)
    by_name = {each.name: each for each in told.candidates}

    assert reasons(told)["static_int8"] == "no operator that int8 helps"
    half, quarter = by_name["half_of_trees"], by_name["quarter_of_trees"]
    assert half.size is not None
    assert quarter.size is not None
    assert by_name["fp32"].size is not None
    assert by_name["fp32"].size > half.size > quarter.size
    for name in ("refit_coarse", "refit_small", "student_of_labels", "student_of_model"):
        quality = by_name[name].quality
        assert quality is not None
        assert quality.metrics["accuracy"] > 0.8
    [note] = told.notes
    assert note.startswith("Distillation ")
    assert "38 rows" in note


def test_a_network_of_layers_is_a_quarter_of_the_size_with_int8(digits: Subject) -> None:
    """And is as right on the rows that it never saw."""
    options = OptimizeOptions(seconds=2, prefer="size", candidates=("graph", "dynamic_int8"))
    told = optimised(digits, options)

    [base, graph, int8] = told.candidates
    assert base.size is not None
    assert int8.size is not None
    assert int8.size < 0.3 * base.size
    assert int8.quality is not None
    assert abs(int8.quality.drop or 0) <= 0.01
    assert told.choice.name == "dynamic_int8"
    assert graph.optimized
    assert len(told.chosen.model) == int8.size


def test_what_was_chosen_is_made_again_to_the_byte(digits: Subject) -> None:
    """CI rebuilds the artifact that was measured here."""
    for name in ("dynamic_int8", "static_int8", "graph"):
        one, other = (
            made(name, digits.model, digits.rows, digits.calibration)[0] for _ in range(2)
        )
        assert one == other


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_what_is_learnt_again_is_the_same_to_the_byte(iris: Subject) -> None:
    """Students too: the seed is set."""
    assert iris.retrain is not None
    for name in iris.retrain.offers:
        assert iris.retrain.learn(name) == iris.retrain.learn(name)


def test_an_optimised_model_that_is_refused_is_not_chosen(digits: Subject) -> None:
    """A golden example that only fp32 passes keeps fp32."""
    strict = Subject(
        model=digits.model,
        rows=digits.rows,
        truth=digits.truth,
        task="classification",
        refusal=lambda one: "the golden example fails" if one.model != digits.model else None,
    )
    told = optimised(strict, OptimizeOptions(seconds=1, candidates=("dynamic_int8",)))

    assert told.choice.name == "fp32"
    assert reasons(told)["dynamic_int8"] == "the golden example fails"
    assert told.chosen == Made(digits.model, optimized=False)


def test_a_regression_is_judged_by_r2() -> None:
    """Half of a regression forest."""
    data = load_diabetes()
    rows, y = data.data.astype(np.float32), data.target
    forest = RandomForestRegressor(40, random_state=0).fit(rows[:300], y[:300])
    subject = Subject(
        model=convert(forest, columns=10, task="regression"),
        rows={"features": rows[300:]},
        truth=y[300:],
        task="regression",
    )
    options = OptimizeOptions(seconds=1, candidates=("half_of_trees",), metric_drop=0.5)
    [_, half] = optimised(subject, options).candidates

    assert half.quality is not None
    assert set(half.quality.metrics) == {"r2", "mean_absolute_error"}
    assert half.quality.drop != 0
    assert 0.9 < half.quality.agreement < 1


def attention() -> bytes:
    """One head over 16 tokens of 64: products of two inputs, and of an input and a weight."""
    random = np.random.default_rng(0)
    weights = {
        name: (random.normal(size=(64, 64)) / 8).astype(np.float32) for name in ("q", "k", "v", "o")
    }
    nodes = [
        *(helper.make_node("MatMul", ["x", name], [f"{name}s"]) for name in ("q", "k", "v")),
        helper.make_node("Transpose", ["ks"], ["kt"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["qs", "kt"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["shares"]),
        helper.make_node("MatMul", ["shares", "vs"], ["mixed"]),
        helper.make_node("MatMul", ["mixed", "o"], ["out"]),
        helper.make_node("Add", ["out", "x"], ["y"]),
    ]
    shape = (-1, 16, 64)
    inputs, outputs = [spec("x", "FP32", shape)], [spec("y", "FP32", shape)]
    return onnx_model(nodes, inputs, outputs, weights).SerializeToString()


def test_a_model_of_unknown_truth_is_held_to_fp32() -> None:
    """Numbers that nobody labelled: the share of variance that is the same."""
    rows = {"x": np.random.default_rng(1).normal(size=(60, 16, 64)).astype(np.float32)}
    subject = Subject(
        model=attention(), rows=rows, truth=None, task="other", calibration={"x": rows["x"][:20]}
    )
    told = optimised(subject)

    for name in ("dynamic_int8", "static_int8"):
        [one] = [each for each in told.candidates if each.name == name]
        assert one.quality is not None
        assert one.quality.metrics == {}
        assert one.quality.agreement > 0.98
    assert reasons(told)["retrained"] == "there are no learnt rows to retrain with"


def test_a_graph_that_ends_the_process_is_told_and_goes_no_further() -> None:
    """Half precision of a whole transformer does so with onnxruntime 1.31.1, when it is loaded."""
    ends = (sys.executable, "-c", "import os; os.abort()")
    with pytest.raises(ModelError, match="ends the process that loads it"):
        settled(attention(), {"x": np.zeros((2, 16, 64), np.float32)}, save=True, worker=ends)


def test_the_report_stands_alone_and_shows_every_candidate(digits: Subject) -> None:
    """No script, nothing fetched, the chosen one marked."""
    options = OptimizeOptions(seconds=1, candidates=("graph", "dynamic_int8", "half_of_trees"))
    told = optimised(digits, options)
    report = report_of("digits", digits.rows, options, told)
    page = page_of(report).decode()

    assert "<script" not in page
    assert "://" not in page
    assert page.count('class="marked"') == 2
    assert 'class="ring"' in page or report.chosen == "fp32"
    for each in report.judged:
        assert each.candidate.name in page
        assert each.reason in page.replace("&#x27;", "'")
    [int8] = [each for each in report.judged if each.candidate.name == "dynamic_int8"]
    assert sum(int8.errors) == 397
    assert [row.error for row in int8.worst] == sorted(row.error for row in int8.worst)[::-1]


def test_int8_inside_is_int8_at_rest(digits: Subject) -> None:
    """The file holds whole numbers of one byte, not numbers that are made so at load."""
    one, _ = made("static_int8", digits.model, digits.rows, digits.calibration)
    kinds = {
        numpy_helper.to_array(each).dtype
        for each in onnx.load_from_string(one.model).graph.initializer
        if np.prod(each.dims) > 1000
    }

    assert kinds == {np.dtype(np.int8)}
    assert Session(one.model, threads=1, optimized=one.optimized).inputs == {"features": "FP32"}
