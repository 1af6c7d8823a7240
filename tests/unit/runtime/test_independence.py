"""Rows are computed together only where a row's answer is the same in any company."""

import numpy as np
import pytest
from onnx import helper

from tests.support.onnx_models import identity, lookup, one_step, onnx_model, scaled, sealed, spec
from wherry.artifact import Artifact
from wherry.engine import load_engine
from wherry.independence import rows_are_independent
from wherry.limits import Limits


@pytest.mark.parametrize(
    ("artifact", "wanted"),
    [
        (scaled(), True),
        (identity("BYTES", (-1, 2)), True),
        (lookup(), True),
        (identity("FP32", (1, 4)), False),
        (identity("FP32", ()), False),
        (one_step("Softmax", "FP32", (-1,)), False),
    ],
)
def test_rows_that_are_told_apart_are_independent(artifact: Artifact, *, wanted: bool) -> None:
    engine = load_engine(artifact, threads=1, limits=Limits())

    assert rows_are_independent(engine, artifact.manifest) is wanted


def test_a_model_that_mixes_rows_is_found_by_asking_it() -> None:
    """Its manifest looks as any other's; each row is added to those above it."""
    inputs, outputs = [spec("x", "FP32", (-1, 2))], [spec("y", "FP32", (-1, 2))]
    nodes = [
        helper.make_node("Add", ["x", "one"], ["above"]),
        helper.make_node("CumSum", ["above", "axis"], ["y"]),
    ]
    constants = {"one": np.array([1], np.float32), "axis": np.array(0, np.int32)}
    artifact = sealed(onnx_model(nodes, inputs, outputs, constants), inputs, outputs)
    engine = load_engine(artifact, threads=1, limits=Limits())

    assert not rows_are_independent(engine, artifact.manifest)
