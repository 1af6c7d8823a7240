"""Evidence of a step from all sources: what counts, and what counts as missing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.evidence_fakes import FakeEvidence, FakePlatform
from tests.support.rollout_world import FUNCTION, START
from wherry.errors import CloudError
from wherry_control.evidence.counts import Counts, Evidence, Minute, Moments
from wherry_control.evidence.sources import Flush, Invoked, Ranges
from wherry_control.rollouts.gathering import Gatherer

CLICKED: Ranges = {"clicked": (0.0, 1.0)}
MOVED = START + timedelta(seconds=20)  # the step begins in the middle of minute 0


class Sources:
    """What was told, by minutes after START."""

    def __init__(self) -> None:
        self.store = FakeEvidence()
        self.platform = FakePlatform()

    def line(self, minute: int, release: str = "2", requests: int = 10, **errors: int) -> None:
        at = START + timedelta(minutes=minute)
        counts = Counts(requests, errors=errors)
        id_ = f"flush-{len(self.store.kept)}"
        self.store.add(Flush(id_, "iris", Minute(at, release, counts)))

    def metric(
        self, minute: int, release: str = "2", invocations: int = 10, errors: int = 0
    ) -> None:
        at = START + timedelta(minutes=minute)
        self.platform.counted.append((FUNCTION, Invoked(at, release, invocations, errors)))

    def both(self, minute: int, release: str = "2") -> None:
        self.line(minute, release)
        self.metric(minute, release)

    def gathered(
        self,
        minutes: float = 3,
        since: datetime = MOVED,
        ranges: Ranges = CLICKED,
        **parts: Any,
    ) -> Evidence:
        """The evidence as it is so many minutes after START."""
        gather = Gatherer(
            **{
                "store": self.store,
                "platform": self.platform,
                "function": "wherry-dev-{}".format,
                **parts,
            }
        )
        return gather("iris", "1", "2", since, START + timedelta(minutes=minutes), ranges)


@pytest.fixture
def sources() -> Sources:
    return Sources()


class Broken:
    def minutes(self, *_asked: object) -> Sequence[Minute]:
        raise CloudError("evidence", "no such table")

    def add(self, _flush: Flush) -> bool:
        raise CloudError("evidence", "no such table")

    def invoked(self, *_asked: object) -> Sequence[Invoked]:
        raise CloudError("metrics", "AWS limits these requests for now")


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


def test_lines_without_metrics_are_missing_metrics(sources: Sources) -> None:
    sources.line(1)

    assert sources.gathered().missing == (
        "CloudWatch told nothing of release 2 yet, but log lines did",
    )


def test_metrics_without_lines_are_missing_lines(sources: Sources) -> None:
    """Of the very release that has none: the other's lines prove nothing for it."""
    sources.both(1, "1")
    sources.metric(1, "2")

    assert sources.gathered().missing == (
        "log lines told nothing of release 2 yet, but CloudWatch did",
    )


@pytest.mark.parametrize(("minutes", "missing"), [(6, 0), (6.5, 1)])
def test_a_source_is_late_when_it_is_five_minutes_behind_the_other(
    sources: Sources, minutes: float, missing: int
) -> None:
    """CloudWatch is two or three behind on a good day."""
    sources.both(1)
    sources.line(5)

    assert len(sources.gathered(minutes).missing) == missing


def test_no_traffic_is_no_missing_source(sources: Sources) -> None:
    sources.both(1)

    assert sources.gathered(120).missing == ()
    assert Sources().gathered(120) == Evidence()


def test_a_source_that_cannot_be_read_is_missing_and_the_other_still_counts(
    sources: Sources,
) -> None:
    sources.line(1, model=10)
    sources.metric(2, errors=10)

    no_metrics = sources.gathered(platform=Broken())
    no_lines = sources.gathered(store=Broken())

    assert (no_metrics.candidate.failed, no_metrics.streak) == (10, 10)
    assert no_metrics.missing == (
        "CloudWatch cannot be read: metrics: AWS limits these requests for now",
    )
    assert (no_lines.candidate.failed, no_lines.streak) == (10, 10)
    assert no_lines.missing == ("log lines cannot be read: evidence: no such table",)


def test_outcomes_are_those_of_predictions_made_in_the_step(sources: Sources) -> None:
    asked = []

    def outcomes(
        model: str, releases: Sequence[str], since: datetime, until: datetime, ranges: Ranges
    ) -> Mapping[str, Mapping[str, Moments]]:
        asked.append((model, tuple(releases), since, until, ranges))
        return {"1": {}, "2": {"clicked": Moments.of(1)}}

    sources.both(1)

    told = sources.gathered(outcomes=outcomes)

    assert told.candidate == Counts(10, outcomes={"clicked": Moments(1, 1000, 1_000_000)})
    assert asked == [
        ("iris", ("1", "2"), START + timedelta(minutes=1), START + timedelta(minutes=3), CLICKED)
    ]


def test_outcomes_that_cannot_be_read_are_missing(sources: Sources) -> None:
    sources.both(1)

    told = sources.gathered(outcomes=Broken().invoked)

    assert told.candidate.requests == 10
    assert len(told.missing) == 1


def test_outcomes_that_nobody_judges_are_not_read(sources: Sources) -> None:
    """They cost, and a table that is not there yet would promote nothing."""
    sources.both(1)

    assert sources.gathered(ranges={}, outcomes=Broken().invoked).missing == ()
