"""Hard stops by the platform's errors, and the check of the split."""

from math import log

import pytest

from wherry_control.evidence.counts import Counts
from wherry_control.judging.guards import platform, refusals, split, worst_kind
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import FINE, WORSE, Stratum


def stratum(weight: float, stable: dict[str, int], candidate: dict[str, int]) -> Stratum:
    return Stratum(
        weight, Counts(requests=900, errors=stable), Counts(requests=100, errors=candidate)
    )


@pytest.mark.parametrize("kind", ["init", "timeout", "memory", "crash"])
@pytest.mark.parametrize("weight", [0.01, 0.1, 0.25])
def test_three_of_one_kind_stop_a_candidate_at_small_weights(kind: str, weight: float) -> None:
    told = platform(JudgeSettings(), [stratum(weight, {}, {kind: 3})])

    assert told.finding == WORSE
    assert told.told == "platform errors: candidate 3 of 100 (3 %), stable 0 of 900 (0 %)"


def test_two_of_one_kind_do_not_stop_it_nor_do_errors_that_the_model_itself_answers() -> None:
    assert platform(JudgeSettings(), [stratum(0.01, {}, {"init": 2})]).finding == FINE
    assert platform(JudgeSettings(), [stratum(0.01, {}, {"model": 50})]).finding == FINE


def test_an_outage_of_both_sides_does_not_stop_the_candidate() -> None:
    assert (
        platform(JudgeSettings(), [stratum(0.1, {"timeout": 40}, {"timeout": 5})]).finding == FINE
    )


def test_half_of_the_traffic_may_have_half_of_the_platforms_errors() -> None:
    assert platform(JudgeSettings(), [stratum(0.5, {"timeout": 2}, {"timeout": 3})]).finding == FINE
    assert platform(JudgeSettings(), [stratum(0.5, {}, {"timeout": 6})]).finding == WORSE


@pytest.mark.parametrize(("weight", "enough"), [(0.25, 3), (0.5, 6), (0.75, 14), (0.9, 39)])
def test_a_hard_stop_takes_hardly_more_errors_than_chance_makes_anybody_ask_for(
    weight: float, enough: int
) -> None:
    """Even if stable has none: that all of an outage's errors are the candidate's happens."""
    told = [
        platform(JudgeSettings(), [stratum(weight, {}, {"timeout": count})])
        for count in (enough - 1, enough)
    ]

    assert [each.finding for each in told] == [FINE, WORSE]
    by_chance = told[0].threshold / -log(weight)
    assert enough <= max(3, by_chance + 2)


def test_kinds_add_up_over_the_steps() -> None:
    strata = [stratum(0.01, {}, {"init": 1}), stratum(0.05, {}, {"init": 2})]

    assert platform(JudgeSettings(), strata).finding == WORSE
    assert worst_kind(each.candidate for each in strata) == ("init", 3)
    assert worst_kind([Counts(errors={"model": 3})]) == ("", 0)


def test_the_split_counts_what_callers_must_mend_as_traffic() -> None:
    """A candidate that refuses more has no fewer requests sent to it."""
    stable = Counts(requests=900)
    seen = Stratum(0.1, stable, Counts(requests=20, refusals=80))

    assert split([seen]).finding == FINE
    assert split([Stratum(0.1, stable, Counts(requests=20))]).finding == WORSE


@pytest.mark.parametrize(("candidate", "found"), [(100, FINE), (132, FINE), (150, WORSE)])
def test_a_split_that_chance_makes_once_in_a_hundred_is_as_it_was_asked_for(
    candidate: int, found: str
) -> None:
    """132 of 1,000 at 10 % is that rare at one look, and there are many."""
    seen = Stratum(0.1, Counts(requests=1000 - candidate), Counts(requests=candidate))

    assert split([seen]).finding == found


def refused(weight: float, stable: int, candidate: int) -> Stratum:
    """Of 1,000 requests, split as asked."""
    ours = round(1000 * weight)
    return Stratum(
        weight,
        Counts(requests=1000 - ours - stable, refusals=stable),
        Counts(requests=ours - candidate, refusals=candidate),
    )


def test_a_candidate_that_refuses_what_stable_answers_is_worse() -> None:
    told = refusals(JudgeSettings(), [refused(0.1, 0, 12)])

    assert told.finding == WORSE
    assert told.told == "refusals: candidate 12 of 100 (12 %), stable 0 of 900 (0 %)"


def test_what_both_sides_refuse_alike_is_the_callers_own() -> None:
    assert refusals(JudgeSettings(), [refused(0.1, 270, 30)]).finding == FINE
    assert refusals(JudgeSettings(), [refused(0.1, 300, 0)]).finding == FINE
