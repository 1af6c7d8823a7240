"""What every ledger must do; run over the fake, and over DynamoDB where there is one (e2e)."""

from concurrent.futures import ThreadPoolExecutor
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
