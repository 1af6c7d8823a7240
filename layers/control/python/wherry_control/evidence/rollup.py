"""
Roll-up: what one delivery of log lines says, as flushes. Pure.

A delivery is what CloudWatch Logs hands to a subscriber: lines of one stream, each with an id and a
time. Lines that are no evidence are passed over, whatever they look like: a function may print what
it likes. A probe is a preflight's own request, and no evidence of live traffic.
"""

import base64
import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from wherry.sketch.bins import number_bin
from wherry_control.evidence.counts import MODEL, Counts, Minute
from wherry_control.evidence.failures import Failures
from wherry_control.evidence.sources import Flush

GROUP = re.compile(r"/aws/lambda/wherry-[a-z]+-(?P<model>[a-z][a-z0-9-]*)")
STREAM = re.compile(r"\d{4}/\d\d/\d\d/\[(?P<release>\d+)\]")
OUTCOMES = "evidence-and-outcomes"  # the filter's name, as infra/components/subscription.py has it
LARGEST = 300_000  # bytes of counts as JSON: an item of DynamoDB holds 400 KB
CALLERS_MISTAKE, OURS = 400, 500  # where the classes of HTTP statuses begin


class Event(msgspec.Struct, frozen=True):
    """One line; `timestamp` is milliseconds since 1970."""

    id: str
    timestamp: int
    message: str


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    """Lines of one stream, and which."""

    message_type: str
    log_group: str = ""
    log_stream: str = ""
    subscription_filters: tuple[str, ...] = ()
    log_events: tuple[Event, ...] = ()

    @property
    def model(self) -> str:
        """The model whose function wrote it; empty for any other log group."""
        told = GROUP.fullmatch(self.log_group)
        return told["model"] if told else ""

    @property
    def release(self) -> str:
        """The published version that wrote it; empty for `$LATEST`."""
        told = STREAM.match(self.log_stream)
        return told["release"] if told else ""


class Sketch(msgspec.Struct, frozen=True):
    """What the data plane says of a request's values: see docs/reference/evidence.md."""

    outputs: Mapping[str, Mapping[str, int]] = {}
    inputs: Mapping[str, Mapping[str, int]] = {}
    pairs: Mapping[str, Mapping[str, int]] = {}


NOTHING = Sketch()


class Prediction(msgspec.Struct, frozen=True):
    """A prediction's line, as far as it is counted; the spelling is the line's."""

    message: str
    release: str
    status: int
    Latency: float = 0.0
    Slow: int = 0
    probe: bool = False
    sketch: Sketch = NOTHING


def unpack(event: Mapping[str, Any]) -> Delivery:
    """The delivery in the event of a subscriber: base64 of gzip of JSON."""
    packed = base64.b64decode(event["awslogs"]["data"])
    return msgspec.json.decode(gzip.decompress(packed), type=Delivery)


def flushes(delivery: Delivery) -> list[Flush]:
    """
    Predictions by minute and release, and one flush for each request that Lambda ended.

    The id of the former is made of the lines' ids, of the latter of the request's: its lines may
    come in two deliveries.
    """
    if delivery.message_type != "DATA_MESSAGE" or not delivery.model:
        return []
    return [*_predictions(delivery), *_failures(delivery)]


def facts_of(delivery: Delivery) -> list[Mapping[str, Any]]:
    """
    The lines that tell who was answered by which arm, and what became of it.

    Every prediction is such a fact where the subscription says so; elsewhere those that an arm gave
    are, since a table of all would cost more than all else.
    """
    every = OUTCOMES in delivery.subscription_filters
    lines = (_line(event.message) for event in delivery.log_events)
    return [line for line in lines if _is_fact(line, every=every)]


def _is_fact(line: Mapping[str, Any], *, every: bool) -> bool:
    if line.get("message") == "feedback":
        return True
    told = line.get("message") == "prediction" and not line.get("probe")
    return told and (every or bool(line.get("arm")))


def _line(text: str) -> Mapping[str, Any]:
    if not text.startswith("{"):
        return {}
    try:
        told = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _predictions(delivery: Delivery) -> Iterable[Flush]:
    counted: dict[tuple[datetime, str], list[tuple[str, Counts]]] = defaultdict(list)
    for event in delivery.log_events:
        if found := prediction(event.message):
            counted[_minute(event), found.release].append((event.id, counts_of(found)))
    for (at, release), parts in counted.items():
        yield from _summed(delivery, at, release, parts)


def _summed(
    delivery: Delivery, at: datetime, release: str, parts: Sequence[tuple[str, Counts]]
) -> Iterator[Flush]:
    """One flush, or, of a model with very many bins, as many as it takes to keep each."""
    total = sum((counts for _, counts in parts), Counts())
    half = len(parts) // 2
    if half and len(json.dumps(total.to_plain())) > LARGEST:
        yield from _summed(delivery, at, release, parts[:half])
        yield from _summed(delivery, at, release, parts[half:])
    else:
        id_ = _id(delivery, [each for each, _ in parts])
        yield Flush(id_, delivery.model, Minute(at, release, total))


def prediction(line: str) -> Prediction | None:
    """The evidence in a line; None if it holds none."""
    try:
        told = msgspec.json.decode(line, type=Prediction)
    except msgspec.DecodeError:
        return None
    return told if told.message == "prediction" and not told.probe else None


def counts_of(told: Prediction) -> Counts:
    """One request: the caller's mistakes are counted apart from all else."""
    if CALLERS_MISTAKE <= told.status < OURS:
        return Counts(refusals=1)
    return Counts(
        requests=1,
        slow=told.Slow,
        errors={MODEL: 1} if told.status >= OURS else {},
        latency={number_bin(told.Latency): 1},
        outputs=told.sketch.outputs,
        inputs=told.sketch.inputs,
        pairs=told.sketch.pairs,
    )


def _failures(delivery: Delivery) -> Iterable[Flush]:
    if not delivery.release:
        return
    reader, at = Failures(), dict[str, datetime]()
    for event in delivery.log_events:
        if request := reader.read(event.message):
            at.setdefault(request, _minute(event))
    for request, kind in reader.found.items():
        counts = Counts(requests=1, errors={kind: 1})
        minute = Minute(at[request], delivery.release, counts)
        yield Flush(_id(delivery, [request]), delivery.model, minute)


def _minute(event: Event) -> datetime:
    return datetime.fromtimestamp(event.timestamp // 60_000 * 60, UTC)


def _id(delivery: Delivery, parts: Sequence[str]) -> str:
    told = "\n".join((delivery.log_group, delivery.log_stream, *parts))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
