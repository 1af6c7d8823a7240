"""The other ways to decide: each decides as its formula, or another library, says."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.stats import mannwhitneyu

from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import INCONCLUSIVE, ROLL_BACK, Judgement, Reading, Stratum
from wherry_control.simulation.contenders import (
    AliasAlarm,
    FixedThreshold,
    MannWhitney,
    RepeatedZTest,
    mann_whitney,
)
from wherry_control.simulation.ours import Ours
from wherry_control.simulation.traffic import Run, Series


def a_run(stable: list[tuple[int, int]], candidate: list[tuple[int, int]], minute: int) -> Run:
    """(requests, errors) of both up to each look."""
    one, other = (
        Series(np.array([n for n, _ in told]), np.array([k for _, k in told]), none, {}, {})
        for told in (stable, candidate)
        for none in [np.zeros(len(told), np.int64)]
    )
    return Run(
        weight=0.5,
        per_minute=minute,
        requests=one.requests + other.requests,
        stable=one,
        candidate=other,
    )


def test_the_z_test_rolls_back_at_the_first_look_at_which_it_is_significant() -> None:
    """3 of 100 against 1 of 100: z = 1.01; 9 against 2: z = 2.17, by hand."""
    run = a_run([(100, 1), (100, 2)], [(100, 3), (100, 9)], 10)

    pooled = 11 / 200
    assert 0.07 / sqrt(pooled * (1 - pooled) * 2 / 100) == pytest.approx(2.17, abs=0.01)
    assert RepeatedZTest().first(run) == 1


def test_the_z_test_does_not_roll_back_what_is_better() -> None:
    assert RepeatedZTest().first(a_run([(100, 9)], [(100, 0)], 10)) is None


def test_the_z_test_says_nothing_while_one_side_has_nothing() -> None:
    assert RepeatedZTest().first(a_run([(5, 5), (5, 5)], [(0, 0), (1, 1)], 10)) is None


def test_the_threshold_waits_for_enough_requests() -> None:
    run = a_run([(40, 0)] * 3, [(49, 40), (50, 2), (60, 4)], 10)

    assert FixedThreshold().first(run) == 2


def test_the_alarm_adds_up_both_releases_and_forgets_old_minutes() -> None:
    """1 of 100 is usual: 5 in 5 minutes, so over 5 + 5 * sqrt(5) = 16.2 rings."""
    steady = [(50 * minute, 1 * minute) for minute in range(1, 21)]
    quiet = a_run(steady, [(50 * minute, 1 * minute) for minute in range(1, 21)], 100)
    bad = a_run(steady, [(50 * minute, 3 * minute) for minute in range(1, 21)], 100)

    assert AliasAlarm(0.01).first(quiet) is None
    assert AliasAlarm(0.01).first(bad) == 4


def test_ranks_are_compared_as_scipy_compares_them() -> None:
    """With ties, as error rates of small minutes have."""
    generator = default_rng(5)
    for shift in (0, 1, 2):
        ours = generator.poisson(3 + shift, 40).astype(float)
        theirs = generator.poisson(3, 30).astype(float)

        told = mannwhitneyu(ours, theirs, alternative="greater", method="asymptotic")

        assert mann_whitney(ours, theirs) == pytest.approx(told.pvalue, rel=1e-9)


@pytest.mark.parametrize("values", [[], [0.0, 0.0, 0.0]])
def test_ranks_say_nothing_where_all_are_alike_or_nothing_came(values: list[float]) -> None:
    assert mann_whitney(np.array(values), np.zeros(3)) == 1


def test_kayenta_judges_once_in_half_an_hour() -> None:
    steady = [(50 * minute, minute) for minute in range(1, 61)]
    bad = [(50 * minute, 5 * minute) for minute in range(1, 61)]

    assert MannWhitney().first(a_run(steady, bad, 100)) == 29
    assert MannWhitney().first(a_run(steady, steady, 100)) is None


class JudgeByRequests:
    """Evidence of 1 % of its threshold for each request; it keeps how many it was shown."""

    def __init__(self) -> None:
        self.shown: list[int] = []

    def __call__(
        self, settings: JudgeSettings, strata: Sequence[Stratum], *, bounds: bool
    ) -> Judgement:
        del settings, bounds
        seen = strata[-1].stable.requests + strata[-1].candidate.requests
        self.shown.append(seen)
        reading = Reading("errors", "open", seen / 100, 1.0)
        return Judgement(ROLL_BACK if seen >= 100 else INCONCLUSIVE, "", (reading,))


def test_ours_skips_looks_only_while_all_evidence_is_far_below_its_threshold() -> None:
    """From half of it on, it looks after every request."""
    judge = JudgeByRequests()
    run = a_run([(0, 0)] * 200, [(each, 0) for each in range(1, 201)], 10)

    found = Ours(judge=judge, quiet=0.1).first(run)

    assert found == 99
    assert judge.shown[-50:] == list(range(51, 101))
    assert 25 < len(judge.shown) - 50 < 45
