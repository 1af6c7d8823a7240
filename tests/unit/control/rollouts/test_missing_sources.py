"""Evidence that is not whole: which source is missing or late, and that the others still count."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from tests.support.rollout_evidence import CLICKED, Broken, Sources
from tests.support.rollout_world import START
from wherry_control.evidence.counts import Counts, Evidence, Moments
from wherry_control.evidence.sources import Ranges


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
