"""Rows that are alike stand side by side in a run of trees, and no answer moves or changes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.onnx_models import scaled
from wherry.batch.alike import FEW, alike
from wherry.manifest import (
    Baselines,
    CategoryHistogram,
    Manifest,
    NumberHistogram,
    TensorSpec,
)
from wherry.pipeline.spec import PipelineSpec

DECILES = NumberHistogram(edges=tuple(map(float, range(1, 10))), counts=(10,) * 10)
WORDS = CategoryHistogram(categories=("a",), counts=(10,), other=0)


class Heard:
    """An engine of trees, as far as rows go: each row's answer is the row's own."""

    inputs, outputs = {"x": "FP32"}, {"label": "BYTES", "sum": "FP32"}

    def __init__(self) -> None:
        self.rows: NDArray[Any] = np.empty((0, 3))

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,  # noqa: ARG002 - as an engine's
    ) -> list[NDArray[Any]]:
        self.rows = feeds["x"]
        told = {
            "label": np.array([str(row[0]) for row in self.rows], object),
            "sum": np.stack([self.rows.sum(axis=1), self.rows[:, 0]], axis=1),
        }
        return [told[name] for name in outputs]


def manifest(**changed: Any) -> Manifest:
    """Of trees over three columns, whose third tells most and whose first tells next."""
    told = scaled().manifest
    parity = msgspec.structs.replace(told.parity, family=changed.pop("family", "trees"))
    table = TensorSpec(name="x", datatype="FP32", shape=(-1, 3))
    inputs: dict[str, NumberHistogram | CategoryHistogram] = {
        "x.0": DECILES,
        "x.1": WORDS,
        "x.2": DECILES,
    }
    baselines = Baselines(rows=100, inputs=inputs, outputs={}, pairs=("x.2", "x.1", "x.0"))
    label = TensorSpec(name="label", datatype="BYTES", shape=(-1,))
    given = {"inputs": (table,), "outputs": (label,), "features": (), "baselines": baselines}
    return msgspec.structs.replace(told, parity=parity, **{**given, **changed})


@pytest.fixture
def rows() -> NDArray[np.float32]:
    found = np.random.default_rng(7).uniform(0, 10, (FEW, 3)).astype(np.float32)
    found[::50, 2] = np.nan
    return found


def test_each_row_has_its_own_answer_in_its_own_place(rows: NDArray[np.float32]) -> None:
    engine, plain = Heard(), Heard()

    found = alike(engine, manifest()).run(["label", "sum"], {"x": rows})

    for one, other in zip(found, plain.run(["label", "sum"], {"x": rows}), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(engine.rows, rows, equal_nan=True)


def test_rows_are_run_by_where_they_are_in_the_most_telling_columns(
    rows: NDArray[np.float32],
) -> None:
    engine = Heard()

    alike(engine, manifest()).run(["sum"], {"x": rows})

    edges = [3, 5, 7]
    parts = [np.searchsorted(edges, np.nan_to_num(engine.rows[:, at], nan=0)) for at in (2, 0)]
    places = 4 * parts[0] + parts[1]
    assert (np.diff(places) >= 0).all()
    assert len(set(places.tolist())) == 16


def test_a_few_rows_are_run_as_they_come(rows: NDArray[np.float32]) -> None:
    engine = Heard()

    alike(engine, manifest()).run(["sum"], {"x": rows[1:]})

    np.testing.assert_array_equal(engine.rows, rows[1:])


@pytest.mark.parametrize(
    "changed",
    [
        {"family": "network"},
        {"baselines": None},
        {"pipeline": PipelineSpec(steps=(), outputs={})},
        {"inputs": (TensorSpec(name="x", datatype="INT64", shape=(-1, 3)),)},
        {"inputs": (TensorSpec(name="x", datatype="FP32", shape=(-1, 3, 3)),)},
        {"inputs": (TensorSpec(name="x", datatype="FP32", shape=(8, 3)),)},
        {"outputs": (TensorSpec(name="mean", datatype="FP32", shape=(1,)),)},
    ],
    ids=", ".join,
)
def test_what_is_not_known_to_be_trees_of_one_table_is_left_alone(changed: Any) -> None:
    engine = Heard()

    assert alike(engine, manifest(**changed)) is engine
