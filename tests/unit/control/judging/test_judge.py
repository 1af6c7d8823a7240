"""One verdict of all metrics."""

from dataclasses import replace
from math import log
from typing import Any

import pytest

from wherry_control.evidence.counts import Counts, Moments
from wherry_control.judging.harm import above, below
from wherry_control.judging.judge import judge
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.tallies import Tally
from wherry_control.judging.verdicts import (
    FINE,
    INCONCLUSIVE,
    OPEN,
    PROMOTE,
    ROLL_BACK,
    WORSE,
    Judgement,
    Reading,
    Stratum,
)

SETTINGS = JudgeSettings()


def seen(requests: int, errors: int = 0, **more: Any) -> Counts:
    return Counts(requests=requests, errors={"model": errors} if errors else {}, **more)


def good(weight: float = 0.1, requests: int = 10_000) -> Stratum:
    ours = round(weight * requests)
    return Stratum(
        weight,
        seen(requests - ours, pairs=labels(requests - ours)),
        seen(ours, pairs=labels(ours)),
    )


def labels(requests: int, share: float = 0.5) -> dict[str, dict[str, int]]:
    first = round(requests * share)
    return {"": {"|a": first, "|b": requests - first}}


def reading(told: Judgement, metric: str) -> Reading:
    return next(each for each in told.readings if each.metric == metric)


def test_a_clean_candidate_is_promoted_once_harm_is_proven_small() -> None:
    told = judge(SETTINGS, [good()])

    assert told.verdict == PROMOTE
    assert told.reason.startswith("harm is below the margins: errors: candidate 0 of 1,000 (0 %)")
    assert {each.finding for each in told.readings} == {FINE}


def test_a_clean_candidate_of_few_requests_is_not_decided() -> None:
    told = judge(SETTINGS, [good(requests=500)])

    assert told.verdict == INCONCLUSIVE
    assert told.reason == "not decided yet: errors, slow"


@pytest.mark.parametrize("strata", [[], [Stratum(0.1, Counts(), Counts())], [good(0.0), good(1.0)]])
@pytest.mark.parametrize("alone", [True, False])
def test_no_evidence_decides_nothing(strata: list[Stratum], *, alone: bool) -> None:
    strata = [] if alone else strata

    assert judge(SETTINGS, strata, alone=alone).verdict == INCONCLUSIVE


def test_errors_are_told_with_their_numbers() -> None:
    told = judge(SETTINGS, [Stratum(0.1, seen(2790, 28), seen(310, 31))])

    assert told.verdict == ROLL_BACK
    assert told.reason == "errors: candidate 31 of 310 (10 %), stable 28 of 2,790 (1 %)"


def test_a_half_broken_candidate_is_rolled_back_within_a_hundred_requests() -> None:
    told = judge(SETTINGS, [Stratum(0.1, seen(90, 1), seen(10, 5))])

    assert told.verdict == ROLL_BACK
    assert reading(told, "errors").evidence >= reading(told, "errors").threshold


def test_slow_requests_roll_back() -> None:
    told = judge(SETTINGS, [Stratum(0.1, seen(900, slow=45), seen(100, slow=40))])

    assert told.verdict == ROLL_BACK
    assert told.reason == "slow requests: candidate 40 of 100 (40 %), stable 45 of 900 (5 %)"


def test_other_answers_without_any_error_roll_back() -> None:
    odd = replace(good(), candidate=seen(1000, pairs=labels(1000, 0.9)))

    told = judge(SETTINGS, [odd])

    assert told.verdict == ROLL_BACK
    assert told.reason == "outputs: answers differ by 40 %, allowed 10 %"


def test_answers_within_the_allowed_distance_are_promoted() -> None:
    near = replace(good(), candidate=seen(1000, pairs=labels(1000, 0.55)))

    assert judge(SETTINGS, [near]).verdict == PROMOTE


def test_a_column_beside_which_answers_differ_is_named() -> None:
    stable = {"": {"|a": 450, "|b": 450}, "petal": {"0|a": 450, "1|b": 450}}
    candidate = {"": {"|a": 50, "|b": 50}, "petal": {"0|b": 50, "1|a": 50}}

    told = judge(SETTINGS, [Stratum(0.1, seen(900, pairs=stable), seen(100, pairs=candidate))])

    assert told.reason == "outputs: answers beside 'petal' differ by 100 %, allowed 10 %"


def test_a_candidate_whose_answers_nobody_recorded_is_not_promoted() -> None:
    told = judge(SETTINGS, [replace(good(), candidate=seen(1000))])

    assert told.verdict == INCONCLUSIVE
    assert reading(told, "outputs").finding == OPEN


def test_a_model_whose_outputs_are_not_recorded_is_promoted_by_its_errors() -> None:
    assert judge(SETTINGS, [Stratum(0.1, seen(9000), seen(1000))]).verdict == PROMOTE


def test_a_candidate_that_mends_errors_does_not_read_as_another_distribution() -> None:
    """It answers where stable failed, so that it answers more of everything."""
    stable = seen(9000, 3600, pairs=labels(5400))

    told = judge(SETTINGS, [Stratum(0.1, stable, seen(1000, pairs=labels(1000)))])

    assert reading(told, "outputs").finding == FINE
    assert told.verdict == PROMOTE


def test_a_split_that_was_not_asked_for_promotes_nothing() -> None:
    told = judge(SETTINGS, [replace(good(), weight=0.2)])

    assert told.verdict == INCONCLUSIVE
    assert told.reason == "split: candidate had 1,000 of 10,000 (10 %), 2,000 were asked for"


def test_harm_rolls_back_even_if_the_split_is_off() -> None:
    broken = Stratum(0.2, seen(9000), seen(1000, 500))

    assert judge(SETTINGS, [broken]).verdict == ROLL_BACK


def test_failures_in_a_row_roll_back_at_once() -> None:
    told = judge(SETTINGS, [], streak=10)

    assert told.verdict == ROLL_BACK
    assert told.reason == "the candidate's newest 10 requests failed"
    assert judge(SETTINGS, [], streak=9).verdict == INCONCLUSIVE


def test_platform_errors_roll_back_at_once() -> None:
    candidate = Counts(requests=3, errors={"init": 3})

    told = judge(SETTINGS, [Stratum(0.05, seen(60), candidate)])

    assert told.verdict == ROLL_BACK
    assert "platform errors: candidate 3 of 3 (100 %)" in told.reason


def test_errors_that_outnumber_the_requests_of_a_source_are_no_trouble() -> None:
    broken = Counts(requests=0, errors={"init": 4})

    assert judge(SETTINGS, [Stratum(0.05, seen(60), broken)]).verdict == ROLL_BACK
    assert judge(SETTINGS, [Stratum(1.0, Counts(), broken)], alone=True).verdict == ROLL_BACK


def test_bounds_are_told_to_people_and_left_out_for_machines_in_a_hurry() -> None:
    told = judge(SETTINGS, [good()])
    hurried = judge(SETTINGS, [good()], bounds=False)

    errors = reading(told, "errors")
    assert errors.low is not None
    assert errors.high is not None
    assert errors.low < 0 < errors.high < SETTINGS.error_margin
    assert reading(hurried, "errors").high is None
    assert hurried.verdict == told.verdict


def test_the_lower_bound_is_as_sure_as_a_rollback_and_the_upper_one_as_a_promotion() -> None:
    told = reading(judge(SETTINGS, [Stratum(0.1, seen(9000, 90), seen(1000, 60))]), "errors")
    tallies = [Tally(0.1, 9000, 90, 1000, 60)]

    assert told.low is not None
    assert told.high is not None
    assert above(tallies, told.low) == pytest.approx(told.threshold, abs=0.01)
    assert below(tallies, told.high) == pytest.approx(-log(SETTINGS.alpha), abs=0.01)


@pytest.mark.parametrize("errors", [0, 2, 4, 6, 8])
def test_errors_are_fine_exactly_if_the_upper_bound_is_below_the_margin(errors: int) -> None:
    told = reading(judge(SETTINGS, [Stratum(0.1, seen(9000, 9), seen(1000, errors))]), "errors")

    assert told.high is not None
    assert (told.high <= SETTINGS.error_margin) == (told.finding == FINE)


def test_alone_a_candidate_is_judged_by_the_margins_themselves() -> None:
    clean = Stratum(1.0, Counts(), seen(1000))
    broken = Stratum(1.0, Counts(), seen(100, 20))

    assert judge(SETTINGS, [clean], alone=True).verdict == PROMOTE
    told = judge(SETTINGS, [broken], alone=True)
    assert told.verdict == ROLL_BACK
    assert told.reason == "errors: candidate 20 of 100 (20 %), allowed 1 %"


def test_alone_a_candidate_is_not_compared_with_a_broken_stable_release() -> None:
    mended = Stratum(0.5, seen(1000, 900), seen(1000, 2, pairs=labels(1000)))

    told = judge(SETTINGS, [mended], alone=True)

    assert [each.metric for each in told.readings] == ["errors", "slow"]
    assert told.verdict == PROMOTE


def test_alone_platform_errors_of_one_kind_stop_it() -> None:
    told = judge(SETTINGS, [Stratum(1.0, Counts(), Counts(500, errors={"memory": 3}))], alone=True)

    assert told.verdict == ROLL_BACK
    assert told.reason == "platform errors: candidate 3 times memory"


def with_outcomes(stable: Moments, candidate: Moments) -> Stratum:
    plain = good()
    return Stratum(
        plain.weight,
        replace(plain.stable, outcomes={"right": stable}),
        replace(plain.candidate, outcomes={"right": candidate}),
    )


def tally(right: int, of: int) -> Moments:
    return Moments(of, right * 1000, right * 1_000_000)


OUTCOME = JudgeSettings(outcome="right", outcome_margin=0.05)


def test_a_declared_outcome_that_never_came_back_promotes_nothing() -> None:
    told = judge(OUTCOME, [good()])

    assert told.verdict == INCONCLUSIVE
    assert reading(told, "outcome").finding == OPEN
    assert reading(told, "outcome").told == (
        "right: candidate none yet, stable none yet; higher is better"
    )


def test_a_loss_of_accuracy_rolls_back() -> None:
    told = judge(OUTCOME, [with_outcomes(tally(8100, 9000), tally(700, 1000))])

    assert told.verdict == ROLL_BACK
    assert told.reason == "right: candidate 0.7 of 1,000, stable 0.9 of 9,000; higher is better"
    harm = reading(told, "outcome")
    assert harm.low is not None
    assert harm.high is not None
    assert OUTCOME.outcome_margin < harm.low < 0.2 < harm.high


def test_the_same_accuracy_is_promoted() -> None:
    assert judge(OUTCOME, [with_outcomes(tally(8100, 9000), tally(900, 1000))]).verdict == PROMOTE


def test_an_outcome_of_which_less_is_better_is_judged_the_other_way() -> None:
    lower = replace(OUTCOME, outcome_better="lower")
    less, more = tally(700, 1000), tally(8100, 9000)

    assert judge(lower, [with_outcomes(more, less)]).verdict == PROMOTE
    assert judge(lower, [with_outcomes(tally(900, 9000), tally(300, 1000))]).verdict == ROLL_BACK


def test_a_worse_metric_is_worse_exactly_from_its_threshold() -> None:
    for errors in range(12):
        told = judge(SETTINGS, [Stratum(0.1, seen(900, 9), seen(100, errors))], bounds=False)
        errors_read = reading(told, "errors")
        assert (errors_read.finding == WORSE) == (errors_read.evidence >= errors_read.threshold)


def test_answers_that_were_counted_too_far_apart_promote_nothing() -> None:
    """Not proven to differ, at so few requests; and by no means the same."""
    shifted = {"": {"|a": 380, "|b": 620}}

    told = judge(
        SETTINGS, [Stratum(0.5, seen(1000, pairs=labels(1000)), seen(1000, pairs=shifted))]
    )

    assert reading(told, "errors").finding == FINE
    assert reading(told, "outputs").finding == OPEN
    assert told.verdict == INCONCLUSIVE
    assert told.reason == "not decided yet: outputs"


def test_an_outage_of_stable_in_one_step_makes_no_other_answers_of_the_candidate() -> None:
    """It was a bug: the share of errors was taken over all steps, and of all requests."""
    outage = Stratum(0.05, seen(9500, 4750, pairs=labels(4750)), seen(500, pairs=labels(500)))

    for strata in ([outage], [outage, good(0.5, 100_000)]):
        told = judge(SETTINGS, strata)
        assert reading(told, "outputs").evidence < 0
        assert told.verdict == PROMOTE


def test_a_candidate_that_takes_what_stable_refuses_does_not_answer_otherwise() -> None:
    stable = seen(5250, refusals=2250, pairs=labels(5250))

    told = judge(SETTINGS, [Stratum(0.25, stable, seen(2500, pairs=labels(2500)))])

    assert told.verdict == PROMOTE
