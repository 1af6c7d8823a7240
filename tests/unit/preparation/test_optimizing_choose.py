"""The choice among candidates: a pure function, held to measurements that are made up."""

from dataclasses import replace

import pytest

from models.preparation.optimizing.choose import choose
from models.preparation.optimizing.measured import Candidate, Cell, Kind, Quality, Speed, Timing
from models.preparation.optimizing.subject import OptimizeOptions

OPTIONS = OptimizeOptions()
PERFECT = Quality(
    rows=360, metrics={"accuracy": 0.98}, drop=0.0, p_worse=1.0, agreement=1.0, max_error=0.0
)


def timing(ratio: float, spread: float = 0.02, base: float = 0.5) -> Timing:
    return Timing(base * ratio, 2 * base * ratio, ratio, ratio - spread, ratio + spread)


def candidate(
    name: str, *, time: float = 1.0, size: int = 1000, load: float = 1.0, kind: Kind = "approximate"
) -> Candidate:
    """One that is as good as fp32, with this share of its times."""
    cells = tuple(Cell(threads, batch, timing(time)) for threads in (1, 2) for batch in (1, 100))
    speed = Speed(timing(load), cells)
    return Candidate(name, "made up", kind, size, False, PERFECT, speed)


BASE = candidate("fp32", kind="exact")


def test_fp32_is_kept_when_nothing_else_is_there() -> None:
    """No candidate is no failure."""
    assert choose([BASE], OPTIONS).name == "fp32"


def test_a_faster_one_that_is_as_good_is_chosen() -> None:
    """A transformer, with the figures of the facts: dynamic int8 takes 1.22 of 2.24 ms."""
    told = choose([BASE, candidate("dynamic_int8", time=1.22 / 2.24, size=266)], OPTIONS)

    assert told.name == "dynamic_int8"
    assert told.reasons["dynamic_int8"] == (
        "chosen: faster: 0.54 x the time, 0.27 x the size, 1.00 x the load"
    )


def test_a_slower_one_is_dropped_however_small() -> None:
    """A CNN, with the figures of the facts: dynamic int8 is a quarter, and 7.6 times as slow."""
    slow = candidate("dynamic_int8", time=7.6, size=260)
    for options in (OPTIONS, replace(OPTIONS, prefer="size")):
        told = choose([BASE, slow], options)

        assert told.name == "fp32"
        assert told.reasons["dynamic_int8"] == "7.6 times as slow (3.8 against 0.5 ms a row)"


def test_what_costs_accuracy_is_dropped_with_the_numbers() -> None:
    """Faster and worse is worse."""
    worse = replace(PERFECT, metrics={"accuracy": 0.95}, drop=0.03, p_worse=0.01, agreement=0.96)
    told = choose([BASE, replace(candidate("quick", time=0.3), quality=worse)], OPTIONS)

    assert told.name == "fp32"
    assert told.reasons["quick"] == (
        "accuracy falls from 0.9800 to 0.9500 on 360 rows, where 0.01 is allowed"
    )


def test_a_small_loss_that_is_no_chance_is_a_loss() -> None:
    """On many rows half a percent is significant, though it is within what may be lost."""
    worse = replace(PERFECT, metrics={"accuracy": 0.975}, drop=0.005, p_worse=0.001)
    told = choose([BASE, replace(candidate("quick", time=0.3), quality=worse)], OPTIONS)

    assert "which is no chance (p = 0.001)" in told.reasons["quick"]


def test_a_small_loss_that_may_be_chance_is_none() -> None:
    """The other side of the claim above."""
    worse = replace(PERFECT, metrics={"accuracy": 0.975}, drop=0.005, p_worse=0.3)

    assert (
        choose([BASE, replace(candidate("quick", time=0.3), quality=worse)], OPTIONS).name
        == "quick"
    )


@pytest.mark.parametrize(
    ("quality", "reason"),
    [
        (replace(PERFECT, max_error=3e-4), "it is off by 0.0003, where 1e-05 is allowed"),
        (replace(PERFECT, agreement=0.98), "2.00% of the labels differ from those of fp32"),
        (replace(PERFECT, max_error=float("nan")), "it is off by nan, where 1e-05 is allowed"),
    ],
)
def test_what_claims_to_be_exact_is_held_to_it(quality: Quality, reason: str) -> None:
    """A saved graph must answer like fp32, whatever the metric says."""
    graph = replace(candidate("graph", time=0.5, kind="exact"), quality=quality)
    told = choose([BASE, graph], OPTIONS)

    assert (told.name, told.reasons["graph"]) == ("fp32", reason)


def test_without_the_truth_agreement_with_fp32_stands_in() -> None:
    """99 % of the rows, and it is said."""
    unknown = replace(PERFECT, metrics={}, drop=None, p_worse=None)
    close, far = (replace(unknown, agreement=each) for each in (0.993, 0.97))
    quick = candidate("quick", time=0.3)

    assert choose([BASE, replace(quick, quality=close)], OPTIONS).name == "quick"
    assert choose([BASE, replace(quick, quality=far)], OPTIONS).reasons["quick"] == (
        "it agrees with fp32 by 0.9700 on 360 rows, 0.99 is wanted where the truth is not known"
    )


def test_a_gain_within_the_margin_is_none() -> None:
    """5 % are not worth another model."""
    told = choose([BASE, candidate("fp16", time=0.95, size=950)], OPTIONS)

    assert told.name == "fp32"
    assert told.reasons["fp16"].startswith("no gain of 10%: 0.95 x the time")


def test_a_gain_that_the_noise_explains_is_none() -> None:
    """The rounds disagree: a quarter of them were slower than fp32."""
    noisy = candidate("lucky")
    cells = tuple(
        replace(cell, timing=timing(0.8, spread=0.25))
        for cell in noisy.speed.cells  # type: ignore[union-attr] # made above
    )
    told = choose([BASE, replace(noisy, speed=Speed(timing(1.0), cells))], OPTIONS)

    assert told.name == "fp32"


def test_of_those_that_are_as_fast_the_smaller_wins_and_then_the_simpler() -> None:
    """Within the margin of the fastest, size decides; within the margin of that, the order."""
    simple, small = (
        candidate("simple", time=0.52, size=500),
        candidate("small", time=0.55, size=300),
    )
    fastest = candidate("fastest", time=0.5, size=290)

    assert choose([BASE, simple, small, fastest], OPTIONS).name == "small"


def test_where_none_is_faster_a_smaller_one_is_taken() -> None:
    """Size is what counts next; time must not get worse."""
    told = choose([BASE, candidate("fp16", time=1.02, size=500)], OPTIONS)

    assert (told.name, told.reasons["fp16"][:16]) == ("fp16", "chosen: smaller:")


def test_where_size_is_preferred_it_comes_first() -> None:
    """`prefer` turns the two around."""
    quick, small = candidate("quick", time=0.3, size=900), candidate("small", time=0.95, size=300)

    assert choose([BASE, quick, small], OPTIONS).name == "quick"
    assert choose([BASE, quick, small], replace(OPTIONS, prefer="size")).name == "small"


def test_what_only_loads_sooner_is_taken_last() -> None:
    """A saved graph changes neither time nor size."""
    told = choose([BASE, candidate("graph", load=0.6, kind="exact")], OPTIONS)

    assert (told.name, told.reasons["graph"][:21]) == ("graph", "chosen: sooner loaded")


def test_the_time_that_counts_is_that_of_the_deployed_threads() -> None:
    """Of two vCPUs, the column of two threads decides."""
    quick = candidate("quick")
    cells = (Cell(1, 1, timing(0.5)), Cell(2, 1, timing(1.5)))
    told = replace(quick, speed=Speed(timing(1.0), cells))

    assert choose([BASE, told], OPTIONS).name == "quick"
    assert choose([BASE, told], replace(OPTIONS, threads=2)).name == "fp32"


def test_one_that_could_not_be_made_keeps_its_reason() -> None:
    """Trees have nothing that int8 helps."""
    told = choose(
        [BASE, Candidate("static_int8", "", "approximate", reason="no operator that int8 helps")],
        OPTIONS,
    )

    assert told.reasons["static_int8"] == "no operator that int8 helps"
