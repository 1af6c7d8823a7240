"""What people see of queues keeps to 80 columns, and shows first what they look for."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from cli import queue_views as views
from cli.output import Output, View
from cli.queue_telling import SPAN, Telling
from tests.support.queues_contract import a_message
from wherry_control.queueing.amqp_worker import Counts
from wherry_control.queueing.queues import Held

SENT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
LABEL = {"label": "setosa", "probabilities": [0.98, 0.01, 0.01]}
BESIDE = 13  # a spinner, a space, and the word that says what is done


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def held(body: str, name: str = "flower-1") -> Held:
    return Held(a_message(name, body), "q", "r", SENT, 3)


def result(name: str = "flower-1", **told: Any) -> Held:
    return held(json.dumps({"id": name, "status": 200, "model": "iris", **told}), name)


def lines(view: View, out: StringIO) -> list[str]:
    Output(as_json=False, stdout=out, stderr=StringIO()).result(None, view)
    return re.sub(r"\x1b\[\d+m", "", out.getvalue()).splitlines()  # without the colours


@pytest.mark.parametrize(
    ("told", "row"),
    [
        ({"result": {"model": "iris", "prediction": {"label": "setosa"}}},
         'flower-1  200     {"label": "setosa"}'),
        ({"result": {"predictions": [1, 2]}}, "flower-1  200     [1, 2]"),
        ({"result": {"outputs": [{"name": "y"}]}}, 'flower-1  200     [{"name": "y"}]'),
        ({"status": 400, "error": "row 1: no"}, "flower-1  400     row 1: no"),
        ({"claim": "s3://b/answer"}, "flower-1  200     s3://b/answer"),
    ],
)  # fmt: skip
def test_a_result_is_seen_by_its_id_its_status_and_what_it_says(
    told: Mapping[str, Any], row: str
) -> None:
    assert lines(views.peek([result(**told)], "results"), StringIO())[1] == row


@pytest.mark.parametrize("body", ["?", "[1]", '"status"', "{}", "null"])
def test_what_is_none_of_our_results_is_seen_as_it_is(body: str) -> None:
    assert lines(views.peek([held(body)], "results"), StringIO())[1] == f"flower-1  -       {body}"


@pytest.mark.parametrize("out", [StringIO, Terminal])
@pytest.mark.parametrize("of", ["results", "dead"])
@pytest.mark.parametrize("name", ["flower-1", UUID, 3 * UUID])
def test_a_message_is_one_line_of_80_columns(out: type[StringIO], of: str, name: str) -> None:
    long = [result(name, result={"prediction": LABEL | {"more": "x" * 200}})]

    seen = lines(views.peek(long, of), out())

    assert len([line for line in seen if "…" in line]) == 1
    assert max(map(len, seen)) <= 80
    assert of == "dead" or '"label": "setosa"' in "".join(seen)


def test_what_was_laid_aside_is_seen_with_what_was_asked() -> None:
    assert lines(views.peek([held("[1, 2]")], "dead"), StringIO()) == [
        "ID        SENT            BODY",
        "flower-1  05-04 03:02:01  [1, 2]",
    ]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (Counts(), ["no message was waiting"]),
        (Counts(messages=1, batches=1), ["1 message in 1 call of the model, 400 a second"]),
        (Counts(messages=12345, batches=193),
         ["12,345 messages in 193 calls of the model, 400 a second"]),
        (Counts(repeated=10), ["10 answered before and told again"]),
        (Counts(messages=2, batches=1, refused=1, repeated=1000),
         ["2 messages in 1 call of the model, 400 a second",
          "1 refused, 1,000 answered before and told again"]),
    ],
)  # fmt: skip
def test_what_a_worker_has_done_is_told_at_the_end(counts: Counts, told: list[str]) -> None:
    assert views.worked(counts, 400.2) == told


def test_a_pace_that_is_not_known_is_not_told() -> None:
    one = Counts(messages=1, batches=1)

    assert views.worked(one, 0) == ["1 message in 1 call of the model"]
    assert views.working(one, 0) == "1 message"


def test_on_the_way_one_line_tells_what_needs_a_person_first() -> None:
    many = 1_234_567
    counts = Counts(
        messages=many, refused=many, repeated=many, dead=many, failed=many, lost=many, batches=many
    )

    line = views.working(counts, 12_345)

    assert line == "1,234,567 messages, 12,345/s, 1,234,567 laid aside"
    assert BESIDE + views.LINE < 80


def test_how_fast_it_is_follows_from_the_last_seconds_and_in_the_end_from_all() -> None:
    said: list[str] = []
    now = 0.0
    telling = Telling(1, said.append, lambda: now)
    for second in range(100):
        now = float(second)
        telling(Counts(messages=1000 + (10 if second < 50 else 1_000) * second))

    assert said[0] == "1,010 messages, 10/s"
    assert said[-1] == "100,000 messages, 1,000/s"
    assert len(said) == 99
    assert telling.pace == pytest.approx(99_000 / 99)


def test_after_a_rest_the_rest_counts_and_nothing_is_said_too_often() -> None:
    said: list[str] = []
    clock = [0.0]
    telling = Telling(5, said.append, lambda: clock[0])
    for seconds, messages in [(0.0, 0), (1.0, 100), (SPAN + 20, 200), (SPAN + 21, 300)]:
        clock[0] = seconds
        telling(Counts(messages=messages))

    assert said == ["200 messages, 3/s"]


def test_a_worker_that_got_nothing_has_no_pace() -> None:
    assert Telling(1, lambda _: None, lambda: 0.0).pace == 0
