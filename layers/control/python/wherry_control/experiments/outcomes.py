"""
Where exposures and feedback are kept, and how a span of them is read back.

Facts are only ever added, each under a key that is made of the fact itself: a delivery that comes
twice changes nothing, and no order of delivery is wrong. Nothing is joined when it is written, so
that feedback may come before its exposure, or weeks after; `joining` does it when somebody reads.
Keys begin with the time, so that a span is read without all that was before it; the partitions of a
model are sixteen, by the prediction's first digit, so that a busy model finds room and a reader has
a sixteenth of the span in memory. After `KEPT` DynamoDB forgets (its `expires`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from wherry.errors import CloudError
from wherry_control.aws_errors import translated
from wherry_control.experiments.facts import GIVEN, Exposure, Feedback, exposures_of, feedback_of

KEPT = timedelta(days=90)
SHARDS = "0123456789abcdef"
BATCH = 25  # items that one BatchWriteItem may hold
TRIES, PAUSE = 6, 0.1  # of a batch that DynamoDB is too busy to take; the pause doubles
DEPLOY = "Run `wherry deploy --store`."
SKEW = timedelta(minutes=5)  # clocks may differ by this: feedback may seem older than its exposure

Fact = Exposure | Feedback
Item = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Shard:
    """A sixteenth of a span's predictions, and all that was told since of this sixteenth."""

    exposures: tuple[Exposure, ...]
    feedback: tuple[Feedback, ...]


class Outcomes(Protocol):
    """Facts, by model and time."""

    def expose(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Keep the exposures among these log lines; see `facts.exposures_of`."""
        ...

    def tell(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Keep the feedback among these log lines."""
        ...

    def shards(self, model: str, since: datetime, until: datetime) -> Iterator[Shard]:
        """
        Exposures in [since, until) and feedback told since then, of every shard, in no order.

        Feedback is never cut at `until`, since it is late by nature.
        """
        ...


class DynamoOutcomes:
    """
    In a DynamoDB table with the keys `model` (S, `<model>#<digit>`) and `key` (S).

    `sleep` waits for a table that is too busy.
    """

    def __init__(
        self, client: Any, table: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def expose(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self._keep(exposures_of(lines))

    def tell(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self._keep(feedback_of(lines))

    def shards(self, model: str, since: datetime, until: datetime) -> Iterator[Shard]:
        first, last, told = stamp(since), stamp(until), stamp(since - SKEW)
        for digit in SHARDS:
            name = f"{model}#{digit}"
            exposed = self._query(name, f"exposure#{first}", f"exposure#{last}")
            feedback = self._query(name, f"outcome#{told}", "outcome$")
            yield Shard(
                tuple(_exposure(model, item) for item in exposed),
                tuple(_feedback(model, item) for item in feedback),
            )

    def _keep(self, facts: Iterable[Fact]) -> None:
        items = {key_of(fact): _item(fact) for fact in facts}  # no batch may repeat a key
        waiting = [{"PutRequest": {"Item": item}} for item in items.values()]
        for start in range(0, len(waiting), BATCH):
            self._write(waiting[start : start + BATCH])

    def _write(self, batch: list[dict[str, Any]]) -> None:
        for attempt in range(TRIES):
            if attempt:
                self._sleep(PAUSE * 2**attempt)
            with self._translated():
                told = self._client.batch_write_item(RequestItems={self._table: batch})
            batch = told.get("UnprocessedItems", {}).get(self._table, [])
            if not batch:
                return
        raise CloudError(
            f"outcomes {self._table}", f"DynamoDB took {TRIES} tries and left {len(batch)} items"
        )

    def _query(self, name: str, first: str, before: str) -> Iterator[Item]:
        """Items of one partition with first ≤ key < before; no key is `before` itself."""
        with self._translated():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="#model = :model AND #key BETWEEN :first AND :before",
                ExpressionAttributeNames={"#model": "model", "#key": "key"},
                ExpressionAttributeValues={
                    ":model": {"S": name}, ":first": {"S": first}, ":before": {"S": before},
                },
                ConsistentRead=True,
            )  # fmt: skip
            for page in pages:
                yield from page["Items"]

    def _translated(self) -> AbstractContextManager[None]:
        where = f"outcomes {self._table}"
        return translated(where, absent=CloudError(where, "there is no such table", DEPLOY))


def stamp(at: datetime) -> str:
    """A time as a text that sorts as times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def key_of(fact: Fact) -> tuple[str, str]:
    """The partition and the key of a fact; no part of it is left out but what follows from it."""
    shard = f"{fact.model}#{fact.prediction[0]}"
    if isinstance(fact, Exposure):
        return shard, f"exposure#{stamp(fact.at)}#{fact.prediction}"
    told = f"{fact.prediction}#{fact.metric}#{fact.value!r}"
    return shard, f"outcome#{stamp(fact.at)}#{told}"


def _item(fact: Fact) -> Item:
    shard, key = key_of(fact)
    told: dict[str, str] = {"prediction": fact.prediction, "at": fact.at.isoformat()}
    if isinstance(fact, Exposure):
        told |= {"release": fact.release, "experiment": fact.experiment}
        told |= {"arm": fact.arm, "subject": fact.subject}
    else:  # text, since a DynamoDB number is not quite a float
        told |= {"metric": fact.metric, "value": repr(fact.value)}
    plain = {name: {"S": value} for name, value in told.items() if value}
    expires = {"N": str(int((fact.at + KEPT).timestamp()))}
    return {"model": {"S": shard}, "key": {"S": key}, **plain, "expires": expires}


def _exposure(model: str, item: Item) -> Exposure:
    told = {name: value["S"] for name, value in item.items() if "S" in value}
    return Exposure(
        model=model,
        prediction=told["prediction"],
        at=datetime.fromisoformat(told["at"]),
        **{name: told.get(name, "") for name in GIVEN},
    )


def _feedback(model: str, item: Item) -> Feedback:
    return Feedback(
        model=model,
        prediction=item["prediction"]["S"],
        at=datetime.fromisoformat(item["at"]["S"]),
        metric=item["metric"]["S"],
        value=float(item["value"]["S"]),
    )
