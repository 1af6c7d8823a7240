"""What every ledger must do; run over the fake, and over DynamoDB where there is one (e2e)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from wherry_control.functions import Traffic
from wherry_control.ledger import Entry, Ledger

AT = datetime(2026, 11, 20, 12, 30, 15, 250_000, tzinfo=UTC)


def entry(model: str = "iris", action: str = "set", after: Traffic | None = None) -> Entry:
    """An entry with defaults; give only what the test is about."""
    return Entry(
        model=model,
        at=AT,
        action=action,
        before=Traffic("1"),
        after=after or Traffic("1", "2", 12.5),
        digest="sha256:" + "a" * 64,
        revision="revision-1",
    )


class LedgerContract:
    """A subclass gives the fixture `ledger`; models are named anew, as a table may be shared."""

    @pytest.fixture
    def model(self) -> str:
        return f"m-{uuid4().hex[:12]}"

    def test_a_model_that_was_never_moved_has_no_entries(self, ledger: Ledger, model: str) -> None:
        assert ledger.entries(model) == []

    def test_entries_come_back_whole_numbered_and_in_order(
        self, ledger: Ledger, model: str
    ) -> None:
        first = ledger.append(entry(model, "found", Traffic("1")))
        second = ledger.append(entry(model, "set", Traffic("1", "2", 12.345678)))

        assert [first.sequence, second.sequence] == [1, 2]
        assert ledger.entries(model) == [first, second]

    def test_a_transition_of_a_rollout_comes_back_with_reason_and_numbers(
        self, ledger: Ledger, model: str
    ) -> None:
        numbers = {"verdict": "promote", "readings": [{"metric": "errors", "low": None, "e": 0.5}]}
        told = replace(entry(model), rollout="r", reason="“why”", key="r/1", numbers=numbers)

        assert ledger.append(told) == ledger.entries(model)[0] == replace(told, sequence=1)

    def test_what_has_a_key_is_entered_once_however_often_it_is_told(
        self, ledger: Ledger, model: str
    ) -> None:
        first = ledger.append(replace(entry(model), key="r/1", reason="first"))
        ledger.append(replace(entry(model), key="r/2"))

        assert ledger.append(replace(entry(model), key="r/1", reason="again")) == first
        assert [item.key for item in ledger.entries(model)] == ["r/1", "r/2"]

    def test_what_has_no_key_is_entered_each_time(self, ledger: Ledger, model: str) -> None:
        ledger.append(entry(model))
        ledger.append(entry(model))

        assert len(ledger.entries(model)) == 2

    def test_two_who_tell_the_same_transition_at_once_enter_it_once(
        self, ledger: Ledger, model: str
    ) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ledger.append, [replace(entry(model), key="r/1")] * 8))

        assert len(ledger.entries(model)) == 1

    def test_models_do_not_share_numbers(self, ledger: Ledger, model: str) -> None:
        ledger.append(entry(model))

        assert ledger.append(entry(f"{model}-other")).sequence == 1

    def test_writers_at_once_all_succeed_with_different_numbers(
        self, ledger: Ledger, model: str
    ) -> None:
        with ThreadPoolExecutor(4) as pool:
            kept = list(pool.map(ledger.append, [entry(model)] * 8))

        assert sorted(item.sequence for item in kept) == list(range(1, 9))
        assert [item.sequence for item in ledger.entries(model)] == list(range(1, 9))
