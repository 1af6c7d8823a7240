"""Requests that wait at once are computed at once, and nobody can tell by the answer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.support.onnx_models import scaled
from tests.support.services import service_of
from wherry.engine import load_engine
from wherry.errors import RequestError
from wherry.limits import Limits
from wherry_control.batching.batches import MOST_ROWS, Batches

Arrays = list[NDArray[Any]]
ROWS = st.lists(st.integers(0, 5), min_size=1, max_size=12)


class Doubling:
    """An engine that doubles, keeps what it was asked, and refuses a negative number."""

    inputs: Mapping[str, str] = {"x": "FP32"}
    outputs: Mapping[str, str] = {"y": "FP32"}

    def __init__(self) -> None:
        self.runs: list[int] = []

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> Arrays:
        self.runs.append(len(feeds["x"]))
        if times is not None:
            times["double"] = 1.5
        if (feeds["x"] < 0).any():
            raise RequestError("inputs", f"{len(feeds['x'])} rows, and one is negative")
        return [feeds["x"] * 2 for _ in outputs]


def all_at_once(batches: Batches, asks: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each is answered, or its error."""

    async def together() -> list[Any]:
        told = (batches.answer(ask) for ask in asks)
        return list(await asyncio.gather(*told, return_exceptions=True))

    return asyncio.run(together())


def rows(*values: float) -> dict[str, NDArray[Any]]:
    return {"x": np.array(values, np.float32).reshape(-1, 1)}


@settings(max_examples=25)
@given(ROWS)
def test_answers_in_a_batch_are_those_that_each_alone_would_get(sizes: list[int]) -> None:
    """By a real model, of any numbers of rows."""
    service = service_of(scaled())
    random = np.random.default_rng(len(sizes))
    asked = [random.standard_normal((size, 4)).astype(np.float32) for size in sizes]
    alone = [service.predict({"features": features}) for features in asked]
    batches = Batches(load_engine(scaled(), threads=1, limits=Limits()))
    service.compute_by(lambda _: batches)

    together = all_at_once(
        batches, [partial(service.predict, {"features": features}) for features in asked]
    )

    for one, other in zip(alone, together, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-5)


def test_those_that_wait_at_once_are_one_run() -> None:
    engine = Doubling()
    batches = Batches(engine)

    told = all_at_once(batches, [partial(batches.run, ["y"], rows(x, x)) for x in (1.0, 2.0, 3.0)])

    assert engine.runs == [6]
    assert [answers[0].tolist() for answers in told] == [[[2], [2]], [[4], [4]], [[6], [6]]]


def test_an_error_is_its_owner_s_alone() -> None:
    engine = Doubling()
    batches = Batches(engine)

    told = all_at_once(batches, [partial(batches.run, ["y"], rows(x)) for x in (1.0, -1.0, 3.0)])

    assert told[0][0].tolist() == [[2]]
    assert str(told[1]) == "inputs: 1 rows, and one is negative"
    assert told[2][0].tolist() == [[6]]
    assert engine.runs == [3, 1, 1, 1]


def test_an_error_can_be_handled_where_the_model_was_asked() -> None:
    batches = Batches(Doubling())

    def careful() -> str:
        try:
            batches.run(["y"], rows(-1))
        except RequestError:
            return "handled"
        return "missed"

    assert all_at_once(batches, [careful, careful]) == ["handled", "handled"]


def test_other_outputs_shapes_and_datatypes_are_another_batch() -> None:
    engine = Doubling()
    batches = Batches(engine)
    wide = {"x": np.ones((1, 2), np.float32)}
    whole = {"x": np.ones((1, 1), np.int64)}

    all_at_once(
        batches,
        [
            lambda: batches.run(["y"], rows(1)),
            lambda: batches.run(["y"], wide),
            lambda: batches.run(["y"], whole),
            lambda: batches.run(["y", "y"], rows(1)),
            lambda: batches.run(["y"], rows(2)),
        ],
    )

    assert engine.runs == [2, 1, 1, 1]


def test_a_batch_is_bounded() -> None:
    engine = Doubling()
    batches = Batches(engine)
    half = rows(*[1.0] * (MOST_ROWS // 2 + 1))

    all_at_once(batches, [lambda: batches.run(["y"], half) for _ in range(3)])

    assert engine.runs == [MOST_ROWS // 2 + 1] * 3


def test_whoever_runs_the_model_twice_is_suspended_twice() -> None:
    engine = Doubling()
    batches = Batches(engine)

    def twice() -> float:
        first = batches.run(["y"], rows(1))[0]
        return float(batches.run(["y"], {"x": first})[0][0, 0])

    assert all_at_once(batches, [twice, twice]) == [4, 4]
    assert engine.runs == [2, 2]


def test_the_times_of_a_batch_are_told_to_each() -> None:
    batches = Batches(Doubling())
    times: list[dict[str, float]] = [{}, {}]

    all_at_once(batches, [partial(batches.run, ["y"], rows(1), told) for told in times])

    assert times == [{"double": 1.5}, {"double": 1.5}]


def test_outside_of_an_answer_the_engine_just_runs() -> None:
    """As gRPC's own threads, the warm-up and the golden replay do."""
    engine = Doubling()

    assert Batches(engine).run(["y"], rows(4))[0].tolist() == [[8]]


def test_who_does_not_ask_the_model_is_answered_at_once() -> None:
    engine = Doubling()
    batches = Batches(engine)

    assert all_at_once(batches, [lambda: "live"]) == ["live"]
    assert engine.runs == []
