"""Evidence of a step from all sources: which minutes count, and what of them."""

from datetime import timedelta

import pytest

from tests.support.rollout_evidence import Sources
from tests.support.rollout_world import START
from wherry_control.evidence.counts import Counts, Evidence


def test_each_release_has_the_sum_of_its_minutes(sources: Sources) -> None:
    for minute in (1, 2):
        sources.both(minute, "1")
        sources.both(minute, "2")
    sources.both(2, "7")

    told = sources.gathered()

    assert (told.stable, told.candidate, told.missing) == (Counts(20), Counts(20), ())


def test_a_minute_with_two_weights_in_it_is_left_out(sources: Sources) -> None:
    """It cannot be cut, and its split would look wrong."""
    sources.both(0)
    sources.both(1)

    assert sources.gathered().candidate.requests == 10


@pytest.mark.parametrize(("second", "counted"), [(49, 10), (50, 10), (51, 0)])
def test_so_is_the_moment_that_lambda_takes_to_act_on_a_move(
    sources: Sources, second: int, counted: int
) -> None:
    sources.both(1)

    since = START + timedelta(seconds=second)

    assert sources.gathered(since=since).candidate.requests == counted


def test_before_the_first_whole_minute_there_is_nothing_and_nothing_is_missing(
    sources: Sources,
) -> None:
    sources.both(0)

    assert sources.gathered(minutes=0.9) == Evidence()


def test_failures_that_only_cloudwatch_knows_of_are_crashes_and_requests(
    sources: Sources,
) -> None:
    sources.line(1, timeout=2, model=1)
    sources.metric(1, invocations=14, errors=5)

    told = sources.gathered().candidate

    assert told.errors == {"timeout": 2, "model": 1, "crash": 3}
    assert (told.requests, told.failed) == (13, 6)


def test_a_failure_that_a_line_tells_of_is_not_counted_again(sources: Sources) -> None:
    """Also if its line is of one minute and its metric of the next."""
    sources.line(1, timeout=2)
    sources.metric(1, errors=0)
    sources.line(2)
    sources.metric(2, errors=2)

    assert sources.gathered().candidate.errors == {"timeout": 2}


def test_lines_that_tell_of_more_than_cloudwatch_take_nothing_away(sources: Sources) -> None:
    sources.line(1, memory=3)
    sources.metric(1, errors=1)

    assert sources.gathered().candidate == Counts(10, errors={"memory": 3})


def test_the_model_s_own_errors_are_no_failures_of_lambda(sources: Sources) -> None:
    """An answer of 500 is an answer: CloudWatch does not count it."""
    sources.line(1, model=4)
    sources.metric(1, errors=1)

    assert sources.gathered().candidate.errors == {"model": 4, "crash": 1}


def test_the_streak_is_of_the_newest_minutes_in_which_all_failed(sources: Sources) -> None:
    for minute, failed in enumerate((10, 9, 10, 10), 1):
        sources.line(minute, model=failed)
        sources.metric(minute)

    assert sources.gathered(5).streak == 20


def test_a_streak_goes_through_requests_that_never_left_a_line(sources: Sources) -> None:
    sources.both(1)
    sources.metric(2, invocations=6, errors=6)
    sources.line(3, requests=4, timeout=4)
    sources.metric(3, invocations=4, errors=4)

    assert sources.gathered(4).streak == 10


def test_only_the_candidate_has_a_streak(sources: Sources) -> None:
    sources.line(1, "1", model=10)

    assert sources.gathered().streak == 0


def test_an_outage_of_both_is_no_streak_and_ends_none(sources: Sources) -> None:
    """What both suffer says nothing of the candidate; it was rolled back for it."""
    sources.line(1, requests=4, model=4)
    sources.line(2, "1", requests=90, model=60)
    sources.line(2, requests=10, model=10)
    sources.line(3, "1", requests=90, model=45)
    sources.line(3, requests=7, model=7)

    assert sources.gathered(4).streak == 4 + 7
