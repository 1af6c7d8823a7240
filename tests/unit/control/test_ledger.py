"""The ledger: its contract on the fake, and what a history means."""

import pytest

from tests.support.fake_ledger import FakeLedger
from tests.support.ledger_contract import LedgerContract, entry
from wherry_control.functions import Traffic
from wherry_control.ledger import promoted


class TestFakeLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> FakeLedger:
        return FakeLedger()


@pytest.mark.parametrize(
    ("moves", "path"),
    [
        ([], ()),
        ([("found", "1")], ("1",)),
        ([("found", "1"), ("promote", "2")], ("1", "2")),
        ([("found", "1"), ("promote", "2"), ("rollback", "1")], ("1",)),
        ([("found", "1"), ("promote", "2"), ("promote", "3"), ("rollback", "2")], ("1", "2")),
        ([("found", "1"), ("promote", "2"), ("found", "1")], ("1",)),
        ([("found", "1"), ("promote", "2"), ("promote", "1")], ("1", "2", "1")),
        ([("found", "1"), ("promote", "2"), ("rollback", "1"), ("promote", "3")], ("1", "3")),
    ],
)
def test_the_way_back_leaves_out_what_was_rolled_back(
    moves: list[tuple[str, str]], path: tuple[str, ...]
) -> None:
    """A release that was judged bad is never what a later rollback returns to."""
    assert promoted([entry(action=action, after=Traffic(name)) for action, name in moves]) == path


def test_a_trial_is_no_promotion() -> None:
    trial = entry(action="set", after=Traffic("1", "2", 90))

    assert promoted([entry(action="found", after=Traffic("1")), trial]) == ("1",)
