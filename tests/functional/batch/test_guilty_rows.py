"""Rows that only the model itself refuses are found, and cost their neighbours nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.batches import done, refused, results, written
from tests.support.onnx_models import identity
from tests.support.services import service_of
from wherry.batch.answering import answer
from wherry.batch.contract import Options
from wherry.engine import Engine
from wherry.errors import ModelError, RefusedError, RequestError


class Picky:
    """An engine that fails on numbers below zero, and counts how often it was asked."""

    def __init__(self, engine: Engine, error: Exception) -> None:
        self.inputs, self.outputs = engine.inputs, engine.outputs
        self._engine, self._error = engine, error
        self.calls = 0

    def run(
        self, outputs: Sequence[str], feeds: Mapping[str, NDArray[Any]], _: Any = None
    ) -> list[NDArray[Any]]:
        self.calls += 1
        if (feeds["x"] < 0).any():
            raise self._error
        return self._engine.run(outputs, feeds)


@pytest.mark.parametrize("error", [RequestError("x", "no"), ModelError("x", "no")])
@pytest.mark.parametrize("chunk_rows", [0, 1, 7])
def test_the_rows_that_the_model_fails_on_are_refused(
    tmp_path: Path, error: Exception, chunk_rows: int
) -> None:
    guilty = {3, 17, 18}
    rows = [{"x": -1.0 if n in guilty else n, "key": n} for n in range(40)]
    written(tmp_path / "in/rows.parquet", rows)
    service = service_of(identity())
    service.compute_by(lambda engine: Picky(engine, error))

    told = done(
        service, tmp_path / "in", tmp_path / "out",
        Options(id="key", chunk_rows=chunk_rows, to="jsonl"),
    )  # fmt: skip

    good = [n for n in range(40) if n not in guilty]
    assert results(tmp_path / "out", told) == [{"key": n, "y": float(n)} for n in good]
    assert [(each["row"], each["id"], each["reason"]) for each in refused(tmp_path / "out")] == [
        (n + 1, n, "x: no") for n in sorted(guilty)
    ]


def test_one_guilty_row_costs_two_runs_for_each_halving() -> None:
    service = service_of(identity())
    made: list[Picky] = []

    def picky(engine: Engine) -> Picky:
        made.append(Picky(engine, ModelError("x", "no")))
        return made[0]

    service.compute_by(picky)
    x = np.zeros(1024, np.float32)
    x[700] = -1

    outputs, guilty = answer(service, {"x": x}, 1024)

    assert list(guilty) == [700]
    assert len(outputs["y"]) == 1023
    assert made[0].calls == 1 + 2 * 10


def test_where_all_rows_are_refused_there_is_no_result(tmp_path: Path) -> None:
    written(tmp_path / "in/rows.csv", [{"x": -1.0}, {"x": "?"}])
    service = service_of(identity())
    service.compute_by(lambda engine: Picky(engine, ModelError("x", "no")))

    told = done(service, tmp_path / "in", tmp_path / "out")

    assert (told.complete, told.rows, told.refused, told.files) == (True, 2, 2, ())
    assert not list((tmp_path / "out").glob("part-*"))


def test_a_model_that_answers_fewer_rows_than_came_is_refused() -> None:
    class Short(Picky):
        def run(self, *asked: Any) -> list[NDArray[Any]]:
            return [each[:1] for each in super().run(*asked)]

    service = service_of(identity())
    service.compute_by(lambda engine: Short(engine, ModelError("x", "no")))

    with pytest.raises(RefusedError, match="answers each row by itself"):
        answer(service, {"x": np.zeros(2, np.float32)}, 2)
