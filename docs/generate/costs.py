"""
docs/reference/costs.md: what a million predictions cost by each of the four ways, from list prices.

Worked out and not measured: each step of a way is counted and priced, and the page shows each. What
it leaves out it says.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wherry import prices

MILLION = 1_000_000
CENT = 0.01
# What the example is: a small model, so that the way costs more than the model does.
MEMORY_GB = 0.5
CALL_SECONDS = 0.005  # of a warm request at 512 MB, the model and all around it
ROW_SECONDS = 10e-6  # of a forest of 100 trees, in a batch
BATCH_GB = 1769 / 1024
ROWS_OF_PART = 250_000
MESSAGES = 10  # of one invocation

HEAD = """\
# What it costs

A million predictions of one row each, by each of the [four ways](../how-to/choose-a-way.md), at the
list prices of us-east-1 as known on {on}, without the free tier and without what your data
costs to keep. Worked out by `make fmt` from `wherry/prices.py`; do not edit. A small model
is assumed: a warm request takes {call:g} ms at 512 MB, a row in a batch {row:g} µs at 1769 MB.

With nothing to do, all four cost nothing but what is kept: a few objects, the image, and with
SnapStart the snapshot.
"""


class Part(NamedTuple):
    """So many `times` something at `price` dollars each."""

    what: str
    times: float
    price: float

    @property
    def cost(self) -> float:
        return self.times * self.price


def lambda_parts(calls: float, gb_seconds: float) -> list[Part]:
    return [
        Part("calls of Lambda", calls, prices.INVOCATION),
        Part("GB-seconds of Lambda", gb_seconds, prices.GB_SECOND),
    ]


def request() -> Sequence[Part]:
    return [
        Part("requests at a REST API", MILLION, prices.REST_REQUEST),
        *lambda_parts(MILLION, MILLION * CALL_SECONDS * MEMORY_GB),
        Part("GB of log lines, which are the evidence", 1.0, prices.LOG_GB),
    ]


def queue() -> Sequence[Part]:
    """As `[queue]` has it by itself: results go to a queue and to S3."""
    return [*messages(), Part("objects written: results", MILLION, prices.OBJECT_WRITE)]


def messages() -> Sequence[Part]:
    """With `results = ["queue"]`."""
    calls = MILLION / MESSAGES
    return [
        Part("sends, ten messages in each", calls, prices.QUEUE_REQUEST),
        Part("receives and deletes, ten in each", 2 * calls, prices.QUEUE_REQUEST),
        *lambda_parts(calls, 10 * calls * CALL_SECONDS * MEMORY_GB),
        Part("writes to the memory, two a message", 2 * MILLION, prices.TABLE_WRITE),
        Part("results sent to a queue", MILLION, prices.QUEUE_REQUEST),
        Part("GB of log lines", 1.0, prices.LOG_GB),
    ]


def job() -> Sequence[Part]:
    return [
        Part("requests at a REST API: made, looked at, its result found", 3 * MILLION,
             prices.REST_REQUEST),
        *lambda_parts(4 * MILLION, 4 * MILLION * CALL_SECONDS * MEMORY_GB),
        Part("writes of its record", 3 * MILLION, prices.TABLE_WRITE),
        Part("sends, receives and deletes", 3 * MILLION, prices.QUEUE_REQUEST),
        Part("objects written: input and result", 2 * MILLION, prices.OBJECT_WRITE),
        Part("objects read", 2 * MILLION, prices.OBJECT_READ),
        Part("GB of log lines", 1.0, prices.LOG_GB),
    ]  # fmt: skip


def batch() -> Sequence[Part]:
    parts = MILLION / ROWS_OF_PART
    return [
        *lambda_parts(parts + 2, MILLION * ROW_SECONDS * BATCH_GB),
        Part("transitions of Step Functions", 2 * parts + 5, prices.TRANSITION),
        Part("objects written: results, receipts, plan", 2 * parts + 3, prices.OBJECT_WRITE),
        Part("objects read", 3 * parts + 3, prices.OBJECT_READ),
    ]


WAYS = {"a request each": request, "a message each": queue, "a job each": job, "one batch": batch}
IN_A_QUEUE = "a message each, results in a queue alone"


def render() -> str:
    """The whole page."""
    head = HEAD.format(on=prices.LISTED_ON, call=CALL_SECONDS * 1e3, row=ROW_SECONDS * 1e6)
    return "\n".join([head, *_summary(), *_details()]) + "\n"


def total(parts: Sequence[Part]) -> float:
    """Dollars."""
    return sum(part.cost for part in parts)


def _summary() -> Iterator[str]:
    yield "| way | dollars for a million |\n|---|---|"
    for name, parts in WAYS.items():
        yield f"| {name} | {_dollars(total(parts()))} |"
        if parts is queue:
            yield f"| {IN_A_QUEUE} | {_dollars(total(messages()))} |"
    yield ""


def _details() -> Iterator[str]:
    for name, parts in WAYS.items():
        yield f"## {name.capitalize()}\n\n| what | how many | dollars |\n|---|---|---|"
        for part in parts():
            yield f"| {part.what} | {part.times:,.0f} | {_dollars(part.cost)} |"
        yield ""
    yield (
        "A job pays where an answer takes minutes or is large: then what computes costs more than\n"
        "what carries. Messages put results into a queue and into S3 unless their model says\n"
        '`results = ["queue"]` or `["s3"]`.'
    )


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= CENT else f"{amount:.4f}"
