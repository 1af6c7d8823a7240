"""The difference of two means, from sums, in every order and at every moment."""

from itertools import product
from math import exp, log

import numpy as np
import pytest

from wherry_control.evidence.counts import Moments
from wherry_control.judging.outcomes import (
    BETS,
    COSTS,
    Outcomes,
    _against_at_least,
    _against_at_most,
    negated,
    outcome_evidence,
)

VALUES = (0.0, 0.5, 1.0)


def moments(*values: float) -> Moments:
    return sum((Moments.of(each) for each in values), Moments())


def bernoulli(seed: int, mean: float, count: int) -> Moments:
    right = int((np.random.default_rng(seed).random(count) < mean).sum())
    return Moments(count, right * 1000, right * 1_000_000)


def sequences(chances: tuple[float, ...], length: int) -> list[tuple[float, Moments]]:
    told = []
    for drawn in product(range(len(VALUES)), repeat=length):
        chance = 1.0
        for each in drawn:
            chance *= chances[each]
        told.append((chance, moments(*(VALUES[each] for each in drawn))))
    return told


@pytest.mark.parametrize(
    ("stable", "candidate"),
    [
        ((0.0, 0.0, 1.0), (0.0, 0.2, 0.8)),
        ((0.5, 0.0, 0.5), (0.6, 0.0, 0.4)),
        ((1, 0, 0), (1, 0, 0)),
    ],
)
def test_harm_within_the_margin_earns_nothing_on_average(
    stable: tuple[float, ...], candidate: tuple[float, ...]
) -> None:
    both = product(sequences(stable, 4), sequences(candidate, 4))
    mean = sum(
        p * q * exp(outcome_evidence([Outcomes(one, other)], 0.1, 1.0))
        for (p, one), (q, other) in both
        if p * q > 0
    )

    assert mean <= 1 + 1e-9


@pytest.mark.parametrize("chances", [(0.5, 0.0, 0.5), (0.1, 0.0, 0.9), (0.9, 0.0, 0.1)])
def test_a_side_at_the_claimed_mean_earns_nothing_on_average(chances: tuple[float, ...]) -> None:
    mean = sum(chance * value for chance, value in zip(chances, VALUES, strict=True))
    seen = sequences(chances, 6)

    assert sum(p * exp(_against_at_least(each, mean, 1.0)) for p, each in seen) <= 1 + 1e-9
    assert sum(p * exp(_against_at_most(each, mean, 1.0)) for p, each in seen) <= 1 + 1e-9


@pytest.mark.parametrize("mine", [0.2, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("margin", [-0.1, 0.0, 0.2])
def test_the_evidence_is_below_that_of_every_mean_that_stable_may_have(
    mine: float, margin: float
) -> None:
    stable, candidate = bernoulli(1, 0.8, 300), bernoulli(2, mine, 100)
    told = outcome_evidence([Outcomes(stable, candidate)], margin, 1.0)

    possible = [each / 500 for each in range(501) if 0.0 <= each / 500 - margin <= 1.0]
    least = min(
        _against_at_most(stable, u, 1.0) + _against_at_least(candidate, u - margin, 1.0)
        for u in possible
    )

    assert told <= least + 1e-9


@pytest.mark.parametrize("x", [-1.0, -0.7, -0.1, 0.0, 0.4, 1.0, 3.0])
def test_what_is_kept_of_each_bet_is_less_than_the_bet(x: float) -> None:
    """The inequality of Fan, Grama & Liu that makes two sums enough."""
    for bet, cost in zip(BETS, COSTS, strict=True):
        assert exp(bet * x - cost * x * x) <= 1 + bet * x + 1e-12


def test_every_bet_is_small_enough_to_be_monotone_in_the_mean() -> None:
    assert all(2 * cost <= bet for bet, cost in zip(BETS, COSTS, strict=True))


def test_a_clear_loss_of_accuracy_is_proven_and_none_is_not() -> None:
    stable = bernoulli(1, 0.9, 3000)

    worse = outcome_evidence([Outcomes(stable, bernoulli(2, 0.7, 400))], 0.05, 1.0)
    alike = outcome_evidence([Outcomes(stable, bernoulli(3, 0.9, 400))], 0.05, 1.0)

    assert worse > log(100)
    assert alike < 0


def test_no_loss_is_proven_by_changing_places() -> None:
    seen = Outcomes(bernoulli(1, 0.9, 6000), bernoulli(2, 0.9, 2000))

    assert outcome_evidence([seen.swapped], -0.05, 1.0) > log(20)
    assert outcome_evidence([seen.swapped], 0.0, 1.0) < 0


def test_evidence_falls_as_the_margin_grows() -> None:
    seen = [Outcomes(bernoulli(1, 0.9, 500), bernoulli(2, 0.6, 200))]

    told = [outcome_evidence(seen, margin, 1.0) for margin in (-0.5, 0.0, 0.1, 0.2, 0.4, 0.9)]

    assert told == sorted(told, reverse=True)


def test_evening_traffic_is_not_compared_with_the_mornings() -> None:
    """Both releases do worse in the evening, when the candidate has more of the traffic."""
    morning = Outcomes(bernoulli(1, 0.9, 3000), bernoulli(2, 0.9, 100))
    evening = Outcomes(bernoulli(3, 0.5, 100), bernoulli(4, 0.5, 3000))
    pooled = Outcomes(morning.stable + evening.stable, morning.candidate + evening.candidate)

    assert outcome_evidence([pooled], 0.05, 1.0) > log(1000)
    assert outcome_evidence([morning, evening], 0.05, 1.0) < 0


def test_the_unit_of_an_outcome_does_not_matter() -> None:
    small = Outcomes(moments(0.1, 0.9, 0.8), moments(0.2, 0.1))
    large = Outcomes(moments(10, 90, 80), moments(20, 10))

    assert outcome_evidence([large], 5, 100) == pytest.approx(outcome_evidence([small], 0.05, 1))


def test_outcomes_of_one_side_only_prove_nothing() -> None:
    assert outcome_evidence([Outcomes(bernoulli(1, 0.9, 500), Moments())], 0.0, 1.0) < 0
    assert outcome_evidence([Outcomes(Moments(), Moments())], 0.0, 1.0) == 0
    assert outcome_evidence([], 0.0, 1.0) == 0


def test_less_is_more_of_the_negative() -> None:
    assert negated(moments(0.25, 0.5)) == moments(-0.25, -0.5)
