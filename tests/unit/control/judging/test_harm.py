"""Harm from above and below, exactly, over all that a few requests may come to."""

from collections.abc import Iterator
from itertools import product
from math import comb, exp, log

import pytest

from wherry_control.judging.harm import (
    above,
    alone_above,
    alone_below,
    below,
    highest,
)
from wherry_control.judging.tallies import Tally


def everything(
    weight: float, stable: float, candidate: float, requests: int
) -> Iterator[tuple[float, Tally]]:
    """All tallies of so many requests, with the chance of each."""
    for ours in range(requests + 1):
        theirs = requests - ours
        split = comb(requests, ours) * weight**ours * (1 - weight) ** theirs
        for mine, other in product(range(ours + 1), range(theirs + 1)):
            chance = split * comb(ours, mine) * candidate**mine * (1 - candidate) ** (ours - mine)
            chance *= comb(theirs, other) * stable**other * (1 - stable) ** (theirs - other)
            yield chance, Tally(weight, theirs, other, ours, mine)


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
@pytest.mark.parametrize(
    ("stable", "candidate"), [(0.0, 0.02), (0.3, 0.32), (0.1, 0.4), (0.9, 1.0)]
)
def test_harm_at_the_margin_or_above_earns_nothing_on_average(
    weight: float, stable: float, candidate: float
) -> None:
    for margin in (candidate - stable, (candidate - stable) / 2):
        mean = sum(
            chance * exp(below([tally], margin))
            for chance, tally in everything(weight, stable, candidate, 8)
        )
        assert mean <= 1 + 1e-9


@pytest.mark.parametrize("weight", [0.1, 0.5])
@pytest.mark.parametrize(("stable", "candidate"), [(0.02, 0.02), (0.3, 0.1)])
def test_harm_below_the_margin_earns_and_no_harm_earns_nothing_the_other_way(
    weight: float, stable: float, candidate: float
) -> None:
    seen = list(everything(weight, stable, candidate, 6))

    assert sum(chance * exp(below([tally], 0.2)) for chance, tally in seen) > 1.01
    assert sum(chance * exp(above([tally], 0.0)) for chance, tally in seen) <= 1 + 1e-9


def test_three_hundred_clean_requests_bound_the_share_of_errors_near_one_percent() -> None:
    """The rule of three: log(1 / alpha) / requests."""
    tally = Tally(0.1, 2700, 0, 300, 0)

    high = highest(lambda margin: below([tally], margin), log(20), -1.0)

    assert 0.01 < high < 0.016


def test_evidence_that_harm_is_below_grows_with_the_margin() -> None:
    tallies = [Tally(0.05, 1900, 19, 100, 3), Tally(0.5, 500, 5, 500, 4)]
    margins = [-0.9, -0.1, -0.01, 0.0, 0.01, 0.1, 0.5, 0.99]

    told = [below(tallies, margin) for margin in margins]

    assert told == sorted(told)


def test_strata_of_other_weights_count_together() -> None:
    one, other = Tally(0.05, 950, 2, 50, 0), Tally(0.5, 500, 1, 500, 1)

    assert below([one, other], 0.02) > max(below([one], 0.02), below([other], 0.02))


def test_bounds_hold_what_was_seen_between_them() -> None:
    tally = Tally(0.25, 3000, 90, 1000, 80)  # 3 % and 8 %

    high = highest(lambda margin: below([tally], margin), log(20), -1.0)
    low = -highest(lambda margin: above([tally], -margin), log(20), -1.0)

    assert 0.0 < low < 0.05 < high < 0.12


@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.9])
def test_alone_a_share_at_the_margin_earns_nothing_on_average(share: float) -> None:
    def mean(against: float, *, up: bool) -> float:
        told = alone_above if up else alone_below
        chances = [comb(8, k) * share**k * (1 - share) ** (8 - k) for k in range(9)]
        return sum(chance * exp(told(8, k, against)) for k, chance in enumerate(chances))

    assert mean(share, up=True) == pytest.approx(1)
    assert mean(share, up=False) == pytest.approx(1)
    assert mean(share / 2, up=True) > 1
    assert mean(share / 2, up=False) < 1


def test_alone_a_margin_of_nothing_is_passed_by_the_first_hit() -> None:
    assert alone_above(100, 1, 0.0) > log(1000)
    assert alone_below(100, 0, 0.0) == pytest.approx(0, abs=1e-6)
