"""Which side did each hit come from? Exact checks over all that may happen."""

from math import comb, exp, inf, log

import numpy as np
import pytest

from wherry_control.judging.multinomial import (
    CONCENTRATION,
    RATIOS,
    ratio_evidence,
    split_evidence,
)
from wherry_control.judging.tallies import Tally


def hits(weight: float, candidate: int, stable: int) -> Tally:
    return Tally(weight, 1000, stable, 1000, candidate)


def requests(weight: float, candidate: int, stable: int) -> Tally:
    return Tally(weight, stable, 0, candidate, 0)


def binomial(trials: int, chance: float, successes: int) -> float:
    return comb(trials, successes) * chance**successes * (1 - chance) ** (trials - successes)


def test_one_error_of_the_candidate_is_worth_the_mean_of_what_each_ratio_gives_it() -> None:
    expected = sum(ratio / (1 + 0.1 * (ratio - 1)) for ratio in RATIOS) / len(RATIOS)

    assert ratio_evidence([hits(0.1, 1, 0)]) == pytest.approx(log(expected))


def test_no_hit_is_no_evidence() -> None:
    assert ratio_evidence([hits(0.1, 0, 0)]) == pytest.approx(0)
    assert split_evidence([requests(0.1, 0, 0)]) == pytest.approx(0)


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("better", [1.0, 0.7, 0.0])
def test_no_hit_makes_evidence_grow_on_average_against_a_candidate_that_is_no_worse(
    weight: float, better: float
) -> None:
    chance = weight * better
    for candidate in range(6):
        for stable in range(12):
            now = exp(ratio_evidence([hits(weight, candidate, stable)]))
            if_mine = exp(ratio_evidence([hits(weight, candidate + 1, stable)]))
            if_not = exp(ratio_evidence([hits(weight, candidate, stable + 1)]))
            assert chance * if_mine + (1 - chance) * if_not <= now * (1 + 1e-9)


@pytest.mark.parametrize("weight", [0.05, 0.3])
def test_the_mean_e_value_is_one_if_both_are_alike_and_above_if_the_candidate_is_worse(
    weight: float,
) -> None:
    def mean(chance: float, trials: int = 8) -> float:
        return sum(
            binomial(trials, chance, mine)
            * exp(ratio_evidence([hits(weight, mine, trials - mine)]))
            for mine in range(trials + 1)
        )

    assert mean(weight) == pytest.approx(1)
    assert mean(min(0.9, 3 * weight)) > 1.5


def test_steps_of_other_weights_share_what_they_learn() -> None:
    first, second = hits(0.05, 10, 60), hits(0.25, 30, 30)

    together = ratio_evidence([first, second])

    factors = [r**40 / (1 + 0.05 * (r - 1)) ** 70 / (1 + 0.25 * (r - 1)) ** 60 for r in RATIOS]
    assert together == pytest.approx(log(sum(factors) / len(factors)))
    assert together > ratio_evidence([first]) + ratio_evidence([second])


def test_a_candidate_with_fewer_errors_than_stable_is_no_evidence_of_harm() -> None:
    assert ratio_evidence([hits(0.5, 10, 90)]) < -10


@pytest.mark.parametrize(("weight", "mine", "theirs"), [(0.1, 3, 4), (0.5, 0, 5), (0.25, 9, 2)])
def test_the_split_evidence_is_the_integral_over_its_prior(
    weight: float, mine: int, theirs: int
) -> None:
    share = (np.arange(100_000) + 0.5) / 100_000
    prior = share ** (CONCENTRATION * weight - 1) * (1 - share) ** (
        CONCENTRATION * (1 - weight) - 1
    )
    ratio = (share / weight) ** mine * ((1 - share) / (1 - weight)) ** theirs

    expected = log(float((ratio * prior).sum() / prior.sum()))

    assert split_evidence([requests(weight, mine, theirs)]) == pytest.approx(expected, rel=1e-5)


def test_a_split_that_is_off_in_either_direction_is_seen() -> None:
    assert split_evidence([requests(0.1, 300, 700)]) > 50
    assert split_evidence([requests(0.1, 10, 990)]) > 20
    assert split_evidence([requests(0.1, 100, 900)]) < 0


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
def test_however_often_one_looks_false_alarms_stay_below_alpha(weight: float) -> None:
    alpha, paths, errors = 0.05, 200, 40
    drawn = np.random.default_rng(16).random((paths, errors)) < weight
    alarms = 0
    for path in drawn.cumsum(axis=1).tolist():
        highest = max(
            (ratio_evidence([hits(weight, mine, k - mine)]) for k, mine in enumerate(path, 1)),
            default=-inf,
        )
        alarms += highest >= -log(alpha)

    assert alarms / paths <= alpha
