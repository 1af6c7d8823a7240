"""The graph that is sealed: worked out once, the same everywhere, and answering as before."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from models.preparation.optimize import opsets, optimized
from models.preparation.preparing import prepare
from models.preparation.training import train
from tests.support.models import a_model
from tests.support.onnx_models import onnx_model, spec
from wherry.manifest import MODEL
from wherry.ort import onnxruntime
from wherry.session import Session, _options

ROWS = {"x": np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4)}


def dense() -> bytes:
    """Two layers, and a constant that is written as a sum."""
    nodes = [
        helper.make_node("Add", ["half", "half"], ["one"]),
        helper.make_node("Gemm", ["x", "weights", "bias"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["positive"]),
        helper.make_node("Mul", ["positive", "one"], ["y"]),
    ]
    constants = {
        "half": np.full((3,), 0.5, np.float32),
        "weights": np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32),
        "bias": np.ones(3, np.float32),
    }
    made = onnx_model(nodes, [spec("x", "FP32", (-1, 4))], [spec("y", "FP32", (-1, 3))], constants)
    return made.SerializeToString()


def of(nodes: list[Any], shape: tuple[int, ...], **constants: NDArray[Any]) -> bytes:
    inputs, outputs = [spec("x", "FP32", shape)], [spec("y", "FP32", (-1,) * len(shape))]
    return onnx_model(nodes, inputs, outputs, constants).SerializeToString()


def test_what_every_start_would_work_out_is_worked_out_once() -> None:
    model = optimized(dense(), ROWS)

    assert model is not None
    graph = onnx.load_from_string(model).graph
    assert [node.op_type for node in graph.node] == ["FusedGemm", "Mul"]
    assert opsets(model) == {"": 18, "com.microsoft": 1}


def test_it_answers_to_the_bit_as_before() -> None:
    before, model = dense(), optimized(dense(), ROWS)
    assert model is not None

    [wanted] = Session(before, threads=1).run(["y"], ROWS)
    [told] = Session(model, threads=1, optimized=True).run(["y"], ROWS)

    assert told.tobytes() == wanted.tobytes()


def test_the_same_model_gives_the_same_bytes() -> None:
    assert optimized(dense(), ROWS) == optimized(dense(), ROWS)


def test_a_convolution_is_left_to_the_processor_that_runs_it() -> None:
    """Its fastest layout differs from processor to processor, and only a session knows it."""
    weights = np.ones((1, 1, 2, 2), np.float32)
    model = of([helper.make_node("Conv", ["x", "w"], ["y"])], (-1, 1, 4, 4), w=weights)

    assert optimized(model, {"x": np.ones((2, 1, 4, 4), np.float32)}) is None


def test_a_constant_that_is_cheaper_to_compute_than_to_fetch_is_left_alone() -> None:
    nodes = [
        helper.make_node("ConstantOfShape", ["sizes"], ["zeros"]),
        helper.make_node("Add", ["x", "zeros"], ["y"]),
    ]
    model = of(nodes, (-1, 4), sizes=np.array([1000, 4]))

    assert optimized(model, {"x": np.ones((1, 4), np.float32)}) is None


@pytest.mark.parametrize("told", [True, False])
def test_a_session_optimizes_only_what_was_not(told: bool) -> None:  # noqa: FBT001 - the case
    level = onnxruntime.GraphOptimizationLevel
    wanted = level.ORT_DISABLE_ALL if told else level.ORT_ENABLE_ALL

    assert _options(1, optimized=told).graph_optimization_level == wanted


def test_a_prepared_model_is_sealed_optimized_and_says_so(tmp_path: Path) -> None:
    folder = a_model(tmp_path / "models")
    train(folder, tmp_path / "build")

    artifact = prepare(folder, tmp_path / "build")

    assert artifact.manifest.optimized
    assert artifact.manifest.opsets == opsets(artifact.files[MODEL])
    assert artifact.manifest.opsets.items() >= {"": 18, "ai.onnx.ml": 3}.items()
