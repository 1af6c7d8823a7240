"""One verdict of all metrics."""

from dataclasses import replace
from math import log

import pytest

from tests.support.judging import SETTINGS, good, labels, reading, seen
from wherry_control.evidence.counts import Counts
from wherry_control.judging.harm import above, below
from wherry_control.judging.judge import judge
from wherry_control.judging.tallies import Tally
from wherry_control.judging.verdicts import FINE, INCONCLUSIVE, PROMOTE, ROLL_BACK, WORSE, Stratum


def test_a_clean_candidate_is_promoted_once_harm_is_proven_small() -> None:
    told = judge(SETTINGS, [good()])

    assert told.verdict == PROMOTE
    assert told.reason.startswith("harm is below the margins: errors: candidate 0 of 1,000 (0 %)")
    assert {each.finding for each in told.readings} == {FINE}


def test_a_clean_candidate_of_few_requests_is_not_decided() -> None:
    told = judge(SETTINGS, [good(requests=500)])

    assert told.verdict == INCONCLUSIVE
    assert told.reason == "not decided yet: errors, slow, outputs"


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


def test_a_worse_metric_is_worse_exactly_from_its_threshold() -> None:
    for errors in range(12):
        told = judge(SETTINGS, [Stratum(0.1, seen(900, 9), seen(100, errors))], bounds=False)
        errors_read = reading(told, "errors")
        assert (errors_read.finding == WORSE) == (errors_read.evidence >= errors_read.threshold)
