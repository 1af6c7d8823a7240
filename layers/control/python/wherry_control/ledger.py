"""
The ledger: an append-only account, per model, of where live traffic went and when.

Lambda's alias is the truth; the ledger is its history. So an entry is written after the alias was
moved, and every command first compares the alias with the last entry: what the ledger does not know
of (the alias's birth at the first deploy, a command that was killed between the move and the entry,
a hand in the console) is entered as `found`. Nothing is rewritten, and no entry is made up.

A transition of a rollout has a key, and is entered once however often it is told: a controller that
was killed tells it again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from wherry.errors import ConflictError
from wherry_control.aws_errors import translated
from wherry_control.functions import Traffic

FOUND = "found"
BACK = (FOUND, "refuse", "rollback")
ATTEMPTS = 20
RECENT = 50  # entries among which a key is looked for; no rollout tells its last one that late
TOLD = ("rollout", "reason", "key")  # what only a transition of a rollout has


@dataclass(frozen=True)
class Entry:
    """
    One move of live traffic, or one transition of a rollout that leaves it where it is.

    `digest` is the artifact that it was about. A transition names its `rollout`, the `reason`, the
    `key` under which it is entered once, and the `numbers` behind it, as JSON has them.
    """

    model: str
    at: datetime
    action: str
    before: Traffic | None
    after: Traffic
    digest: str
    revision: str
    sequence: int = 0
    rollout: str = ""
    reason: str = ""
    key: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)


class Ledger(Protocol):
    """Append and read; there is nothing else to do with a ledger."""

    def append(self, entry: Entry) -> Entry:
        """
        Give the entry the next number of its model, and keep it; two writers both succeed.

        An entry with a key that is kept already is given back as it was kept first.
        """
        ...

    def entries(self, model: str) -> list[Entry]:
        """All entries of a model, oldest first, including the one appended last."""
        ...


def promoted(entries: Sequence[Entry]) -> tuple[str, ...]:
    """
    The stable releases that led here, each the way back from the next.

    A promotion goes one further; a rollback, or finding an earlier one live, goes back to it.
    """
    path: list[str] = []
    for entry in entries:
        stable = entry.after.stable
        if entry.action != "promote" and stable in path:
            last = len(path) - 1 - path[::-1].index(stable)
            del path[last + 1 :]
        elif path[-1:] != [stable]:
            path.append(stable)
    return tuple(path)


def is_back(entries: Sequence[Entry]) -> bool:
    """
    Whether the newest entry went back to a release that was live before.

    A candidate that was refused before it had traffic counts, as does a move that was only found.
    Who asks to go back after that most likely means what was done.
    """
    if not entries:
        return False
    newest, earlier = entries[-1], promoted(entries[:-1])
    return newest.action in BACK and not newest.after.is_split and newest.after.stable in earlier


class DynamoLedger:
    """The ledger in a DynamoDB table with the keys `model` (S) and `sequence` (N)."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def append(self, entry: Entry) -> Entry:
        for _ in range(ATTEMPTS):
            recent = self._recent(entry.model, RECENT if entry.key else 1)
            for kept in recent:
                if entry.key and kept.key == entry.key:
                    return kept
            last = recent[0].sequence if recent else 0
            numbered = replace(entry, sequence=last + 1)
            if self._put(numbered):
                return numbered
        raise ConflictError(
            f"ledger {self._table}", "too many writers at once", "Run the command again."
        )

    def entries(self, model: str) -> list[Entry]:
        with translated(f"ledger {self._table}"):
            pages = self._client.get_paginator("query").paginate(**self._query(model))
            return [_entry(item) for page in pages for item in page["Items"]]

    def _recent(self, model: str, count: int) -> list[Entry]:
        """The newest first."""
        with translated(f"ledger {self._table}"):
            told = self._client.query(**self._query(model), ScanIndexForward=False, Limit=count)
        return [_entry(item) for item in told["Items"]]

    def _put(self, entry: Entry) -> bool:
        """Return False if another writer took this number first."""
        from botocore.exceptions import ClientError

        with translated(f"ledger {self._table}"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item(entry),
                    ConditionExpression="attribute_not_exists(#model)",
                    ExpressionAttributeNames={"#model": "model"},
                )
            except ClientError as error:
                if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def _query(self, model: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": "#model = :model",
            "ExpressionAttributeNames": {"#model": "model"},
            "ExpressionAttributeValues": {":model": {"S": model}},
            "ConsistentRead": True,
        }


def _item(entry: Entry) -> dict[str, dict[str, Any]]:
    item: dict[str, dict[str, Any]] = {
        "model": {"S": entry.model},
        "sequence": {"N": str(entry.sequence)},
        "at": {"S": entry.at.astimezone(UTC).isoformat()},
        "action": {"S": entry.action},
        "digest": {"S": entry.digest},
        "revision": {"S": entry.revision},
        "after": _traffic_item(entry.after),
    }
    if entry.before is not None:
        item["before"] = _traffic_item(entry.before)
    if entry.numbers:
        item["numbers"] = {"S": json.dumps(entry.numbers, sort_keys=True)}
    for name in TOLD:
        if getattr(entry, name):
            item[name] = {"S": getattr(entry, name)}
    return item


def _traffic_item(traffic: Traffic) -> dict[str, Any]:
    item: dict[str, Any] = {"stable": {"S": traffic.stable}}
    if traffic.candidate is not None:
        item |= {"candidate": {"S": traffic.candidate}, "weight": {"N": repr(traffic.weight)}}
    return {"M": item}


def _entry(item: dict[str, dict[str, Any]]) -> Entry:
    return Entry(
        model=item["model"]["S"],
        sequence=int(item["sequence"]["N"]),
        at=datetime.fromisoformat(item["at"]["S"]),
        action=item["action"]["S"],
        before=_traffic(item["before"]["M"]) if "before" in item else None,
        after=_traffic(item["after"]["M"]),
        digest=item["digest"]["S"],
        revision=item["revision"]["S"],
        numbers=json.loads(item["numbers"]["S"]) if "numbers" in item else {},
        **{name: item[name]["S"] for name in TOLD if name in item},
    )


def _traffic(item: dict[str, dict[str, Any]]) -> Traffic:
    if "candidate" not in item:
        return Traffic(item["stable"]["S"])
    return Traffic(item["stable"]["S"], item["candidate"]["S"], float(item["weight"]["N"]))
