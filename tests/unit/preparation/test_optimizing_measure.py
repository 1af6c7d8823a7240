"""Timing side by side, with a clock that the models themselves move."""

from dataclasses import dataclass

import numpy as np
import pytest

from models.preparation.optimizing.measure import ROUNDS, Load, Timer, feeds_of, speeds
from models.preparation.sources.source import Values

ROWS = {"x": np.arange(30, dtype=np.float32).reshape(10, 3)}


@dataclass
class Clock:
    """Seconds that pass only while a model loads or runs."""

    now: float = 0.0
    noise: float = 0.0

    def __call__(self) -> float:
        return self.now

    def model(self, *, load: float, run: float, row: float = 0.0) -> Load:
        def loaded(threads: int) -> object:
            self.now += load

            def answered(feeds: Values) -> None:
                self.now += (run + row * len(feeds["x"])) / threads + self.noise

            return answered

        return loaded  # type: ignore[return-value] # it is one


def quiet(text: str) -> None:
    del text


def test_each_is_told_as_a_ratio_to_fp32_of_the_same_round() -> None:
    """Half the time is 0.5, with no spread where there is no noise."""
    clock = Clock()
    entries = {
        "fp32": clock.model(load=0.02, run=0.004),
        "quick": clock.model(load=0.01, run=0.002),
    }
    told = speeds(entries, ROWS, [1, 2], Timer(clock, 5, quiet))

    timing = told["quick"].at(1)
    assert timing.p50 == pytest.approx(2.0)
    assert (timing.ratio, timing.lower, timing.upper) == pytest.approx((0.5, 0.5, 0.5))
    assert told["quick"].load.ratio == pytest.approx(0.5)
    assert told["fp32"].at(2).p50 == pytest.approx(2.0)


def test_a_machine_that_slows_down_is_unjust_to_nobody() -> None:
    """It gets slower from run to run; the ratio stays, though milliseconds do not."""
    clock = Clock()

    def slowing(factor: float) -> Load:
        def loaded(threads: int) -> object:
            del threads
            clock.now += 0.001

            def answered(feeds: Values) -> None:
                del feeds
                clock.now += factor * (0.001 + clock.now / 1000)

            return answered

        return loaded  # type: ignore[return-value] # it is one

    entries = {"fp32": slowing(1.0), "other": slowing(2.0)}
    told = speeds(entries, ROWS, [1], Timer(clock, 5, quiet))

    assert told["fp32"].at(1).p99 > 2 * 1.0
    assert told["other"].at(1).ratio == pytest.approx(2.0, rel=0.1)


def test_rows_come_alone_and_a_hundred_at_once() -> None:
    """What a row costs shows in the second."""
    clock = Clock()
    told = speeds(
        {"fp32": clock.model(load=0.01, run=0.001, row=0.0001)}, ROWS, [1], Timer(clock, 2, quiet)
    )

    assert told["fp32"].at(1, 1).p50 == pytest.approx(1.1)
    assert told["fp32"].at(1, 100).p50 == pytest.approx(11.0)


def test_it_ends_when_its_time_is_over() -> None:
    """Twice as many seconds are about twice as many rounds, and never fewer than a few."""
    spent = []
    for seconds in (1, 2, 4):
        clock = Clock()
        speeds({"fp32": clock.model(load=0.01, run=0.01)}, ROWS, [1], Timer(clock, seconds, quiet))
        spent.append(clock.now)

    assert spent == pytest.approx([1, 2, 4], rel=0.3)
    clock = Clock()
    speeds({"fp32": clock.model(load=9, run=9)}, ROWS, [1], Timer(clock, 1, quiet))
    assert clock.now > 9 * 2 * ROUNDS[0]


def test_fewer_rows_than_a_batch_are_sent_over_again() -> None:
    """Ten rows fill a batch of a hundred."""
    batch = feeds_of(ROWS, 25)["x"]

    assert batch.shape == (25, 3)
    assert batch[[0, 10, 20]].tolist() == [ROWS["x"][0].tolist()] * 3
