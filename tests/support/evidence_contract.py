"""What every evidence store, and every count of Lambda's own, promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4

import pytest

from wherry_control.evidence.counts import Counts, Minute, Moments
from wherry_control.evidence.sources import EvidenceStore, Flush, Invoked, Platform

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SOME = Counts(
    requests=3,
    slow=1,
    errors={"model": 1},
    latency={"12": 3},
    outputs={"label": {"setosa": 2}},
    pairs={"": {"|setosa": 2}},
    outcomes={"sale": Moments.of(0.5)},
)


def flush(model: str, minutes: int = 0, *, release: str = "7", counts: Counts = SOME) -> Flush:
    """One of its own id, `minutes` after noon."""
    minute = Minute(NOON + timedelta(minutes=minutes), release, counts)
    return Flush(uuid4().hex, model, minute)


class EvidenceContract:
    """Subclasses provide the fixture `evidence`."""

    @pytest.fixture
    def model(self) -> str:
        return f"m{uuid4().hex[:8]}"

    def test_what_was_added_is_told_again(self, evidence: EvidenceStore, model: str) -> None:
        assert evidence.add(flush(model)) is True

        assert evidence.minutes(model, NOON, NOON + timedelta(minutes=1)) == [
            Minute(NOON, "7", SOME)
        ]

    def test_a_delivery_that_comes_twice_counts_once(
        self, evidence: EvidenceStore, model: str
    ) -> None:
        first = flush(model)

        assert (evidence.add(first), evidence.add(first)) == (True, False)

        (minute,) = evidence.minutes(model, NOON, NOON + timedelta(minutes=1))
        assert minute.counts == SOME

    def test_what_two_minutes_tell_under_one_id_counts_once(
        self, evidence: EvidenceStore, model: str
    ) -> None:
        """Lambda tells of one request in two lines, and a minute may end between them."""
        first = flush(model)
        evidence.add(first)
        evidence.add(replace(first, minute=replace(first.minute, at=NOON + timedelta(minutes=1))))

        told = evidence.minutes(model, NOON, NOON + timedelta(minutes=2))
        assert told == [Minute(NOON, "7", SOME)]

    def test_flushes_of_a_minute_are_summed_by_release(
        self, evidence: EvidenceStore, model: str
    ) -> None:
        for release in ("7", "8", "7"):
            evidence.add(flush(model, release=release))

        told = evidence.minutes(model, NOON, NOON + timedelta(minutes=1))
        assert told == [Minute(NOON, "7", SOME + SOME), Minute(NOON, "8", SOME)]

    def test_a_span_holds_its_first_minute_and_not_its_end(
        self, evidence: EvidenceStore, model: str
    ) -> None:
        for minutes in (3, 1, 0, 2):
            evidence.add(flush(model, minutes))
        since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)

        told = [each.at.minute for each in evidence.minutes(model, since, until)]
        assert told == [1, 2]

    def test_a_minute_that_had_begun_before_is_left_out(
        self, evidence: EvidenceStore, model: str
    ) -> None:
        """A step that begins within a minute takes no part of it."""
        for minutes in (0, 1):
            evidence.add(flush(model, minutes))

        told = evidence.minutes(model, NOON + timedelta(seconds=1), NOON + timedelta(seconds=61))
        assert [each.at.minute for each in told] == [1]

    def test_an_empty_span_holds_nothing(self, evidence: EvidenceStore, model: str) -> None:
        evidence.add(flush(model))

        assert list(evidence.minutes(model, NOON, NOON)) == []
        assert list(evidence.minutes(model, NOON + timedelta(days=1), NOON)) == []

    def test_models_are_kept_apart(self, evidence: EvidenceStore, model: str) -> None:
        told = flush(model)
        evidence.add(told)
        evidence.add(replace(told, model=f"{model}2"))

        assert len(evidence.minutes(model, NOON, NOON + timedelta(minutes=1))) == 1


class Counted(Protocol):
    """A platform, and a way to let it count."""

    platform: Platform
    function: str

    def count(self, at: datetime, release: str, invocations: int, errors: int) -> None: ...


class PlatformContract:
    """Subclasses provide the fixture `counted`; `now` is a recent whole minute."""

    @pytest.fixture
    def now(self) -> datetime:
        return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)

    def test_each_minute_of_each_release_is_told(self, counted: Counted, now: datetime) -> None:
        later = now + timedelta(minutes=1)
        counted.count(later, "8", 5, 1)
        counted.count(now, "7", 20, 0)
        counted.count(later, "7", 3, 0)

        told = counted.platform.invoked(
            counted.function, ["7", "8"], now, now + timedelta(minutes=2)
        )
        assert list(told) == [
            Invoked(now, "7", 20, 0),
            Invoked(later, "7", 3, 0),
            Invoked(later, "8", 5, 1),
        ]

    def test_other_releases_and_other_times_are_left_out(
        self, counted: Counted, now: datetime
    ) -> None:
        for minutes in (-1, 0, 1):
            counted.count(now + timedelta(minutes=minutes), "7", 1, 0)
        counted.count(now, "6", 1, 0)

        told = counted.platform.invoked(counted.function, ["7"], now, now + timedelta(minutes=1))
        assert list(told) == [Invoked(now, "7", 1, 0)]

    def test_nothing_invoked_is_nothing_told(self, counted: Counted, now: datetime) -> None:
        later = now + timedelta(minutes=1)
        assert list(counted.platform.invoked(counted.function, ["7"], now, later)) == []
        assert list(counted.platform.invoked(counted.function, [], now, later)) == []
