"""
Evidence in a DynamoDB table: one item a flush, found again by its minute.

A flush is kept by one conditional put under a key that is made of it, so that a second delivery of
the same lines changes nothing, without a read before or a transaction around. Sums are made when
they are asked for. Items expire by themselves; a rollout that lasts longer than they do has none.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry.errors import CloudError
from wherry_control.aws_errors import translated
from wherry_control.evidence.counts import Counts, Minute
from wherry_control.evidence.sources import Flush

KEPT = timedelta(days=30)
MINUTE = timedelta(minutes=1)
FORM = "%Y%m%dT%H%M"  # of a minute in a sort key: its order is that of time


@dataclass(frozen=True)
class DynamoEvidence:
    """Flushes in a table with the keys `model` (S) and `slot` (S), and a TTL named `expires`."""

    client: Any
    table: str

    def add(self, flush: Flush) -> bool:
        """See EvidenceStore."""
        from botocore.exceptions import ClientError

        with translated(f"evidence {self.table}"):
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(flush),
                    ConditionExpression="attribute_not_exists(slot)",
                )
            except ClientError as error:
                if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def minutes(self, model: str, since: datetime, until: datetime) -> Sequence[Minute]:
        """See EvidenceStore."""
        low, high = _first(since).strftime(FORM), _first(until).strftime(FORM)
        if low >= high:
            return []
        return summed(_minute(item) for item in _once(self._items(model, low, high)))

    def _items(self, model: str, low: str, high: str) -> Iterator[Mapping[str, Any]]:
        """The slots from the minute `low` to before `high`, which no slot equals."""
        with translated(f"evidence {self.table}"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="model = :model AND slot BETWEEN :low AND :high",
                ExpressionAttributeValues={
                    ":model": {"S": model}, ":low": {"S": low}, ":high": {"S": high},
                },
                ConsistentRead=True,
            )  # fmt: skip
            for page in pages:
                yield from page["Items"]


def _once(items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """One of each flush: what two lines tell of one request may have come in two minutes."""
    seen = set()
    for item in items:
        _, flush = item["slot"]["S"].split("#", 1)
        if flush not in seen:
            seen.add(flush)
            yield item


def summed(minutes: Iterable[Minute]) -> list[Minute]:
    """One for each minute and release, in their order."""
    sums: dict[tuple[datetime, str], Counts] = {}
    for each in minutes:
        key = (each.at, each.release)
        sums[key] = sums.get(key, Counts()) + each.counts
    return [Minute(*key, sums[key]) for key in sorted(sums)]


def _first(moment: datetime) -> datetime:
    """The first minute that does not begin before `moment`."""
    moment = moment.astimezone(UTC)
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + MINUTE


def _item(flush: Flush) -> dict[str, dict[str, str]]:
    minute = flush.minute
    at = minute.at.astimezone(UTC)
    return {
        "model": {"S": flush.model},
        "slot": {"S": f"{at.strftime(FORM)}#{minute.release}#{flush.id}"},
        "counts": {"S": json.dumps(minute.counts.to_plain(), separators=(",", ":"))},
        "expires": {"N": str(int((at + KEPT).timestamp()))},
    }


def _minute(item: Mapping[str, Any]) -> Minute:
    at, release, _ = item["slot"]["S"].split("#", 2)
    moment = datetime.strptime(at, FORM).replace(tzinfo=UTC)
    try:
        counts = Counts.from_plain(json.loads(item["counts"]["S"]))
    except (ValueError, TypeError, AttributeError) as error:
        raise CloudError(
            f"evidence {item['slot']['S']}",
            f"it was kept by another Wherry, or changed by hand ({error})",
            "Update Wherry: `wherry deploy --store`.",
        ) from error
    return Minute(moment, release, counts)
