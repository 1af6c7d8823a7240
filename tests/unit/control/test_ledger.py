"""The ledger: its contract on the fake, and what a history means."""

from dataclasses import replace

import pytest

from tests.support.fake_ledger import FakeLedger
from tests.support.ledger_contract import AT, LedgerContract, entry
from wherry_control.functions import Traffic
from wherry_control.ledger import DynamoLedger, is_back, promoted


class TestFakeLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> FakeLedger:
        return FakeLedger()


def test_an_entry_of_an_earlier_wherry_is_read() -> None:
    """As it was written before rollouts had keys, reasons and numbers."""

    class Table:
        def get_paginator(self, _name: str) -> "Table":
            return self

        def paginate(self, **_query: object) -> list[dict[str, object]]:
            return [
                {
                    "Items": [
                        {
                            "model": {"S": "iris"},
                            "sequence": {"N": "1"},
                            "at": {"S": AT.isoformat()},
                            "action": {"S": "set"},
                            "before": {"M": {"stable": {"S": "1"}}},
                            "after": {
                                "M": {
                                    "stable": {"S": "1"},
                                    "candidate": {"S": "2"},
                                    "weight": {"N": "12.5"},
                                }
                            },
                            "digest": {"S": "sha256:" + "a" * 64},
                            "revision": {"S": "revision-1"},
                        }
                    ]
                }
            ]

    assert DynamoLedger(Table(), "ledger").entries("iris") == [replace(entry(), sequence=1)]


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


@pytest.mark.parametrize(
    ("action", "after", "back"),
    [
        ("rollback", Traffic("1"), True),
        ("refuse", Traffic("2"), True),
        ("found", Traffic("2"), True),
        ("found", Traffic("3"), False),
        ("found", Traffic("1", "3", 10), False),
        ("promote", Traffic("1"), False),
        ("start", Traffic("2"), False),
    ],
)
def test_the_newest_entry_tells_whether_it_went_back(
    action: str, after: Traffic, *, back: bool
) -> None:
    before = [
        entry(action="found", after=Traffic("1")),
        entry(action="promote", after=Traffic("2")),
    ]

    assert is_back([*before, entry(action=action, after=after)]) is back


def test_a_ledger_that_knows_nothing_did_not_go_back() -> None:
    assert not is_back([])
    assert not is_back([entry(action="found", after=Traffic("1"))])
