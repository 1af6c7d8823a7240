"""Outcomes: the contract on the fake, which lines tell a fact, and a table that is busy."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.support.outcomes_contract import OutcomesContract
from tests.support.outcomes_fakes import AT, FakeOutcomes, exposed, predicted, prediction_id, told
from tests.support.services import service_of
from wherry.errors import CloudError
from wherry.evidence import EvidenceLog, Prediction
from wherry.http.feedback import Feedback
from wherry.http.wire import Request
from wherry_control.experiments.facts import Exposure, exposures_of, feedback_of
from wherry_control.experiments.facts import Feedback as Told
from wherry_control.experiments.outcomes import BATCH, TRIES, DynamoOutcomes


class TestFakeOutcomes(OutcomesContract):
    @pytest.fixture
    def outcomes(self) -> FakeOutcomes:
        return FakeOutcomes()


class BusyTable:
    """DynamoDB that takes only the first items of each batch; it counts its calls."""

    def __init__(self, takes: int) -> None:
        self.takes, self.calls, self.kept = takes, 0, 0

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.calls += 1
        ((table, batch),) = RequestItems.items()
        assert len(batch) <= BATCH
        self.kept += len(batch[: self.takes])
        left = batch[self.takes :]
        return {"UnprocessedItems": {table: left} if left else {}}


def test_what_a_busy_table_leaves_is_given_to_it_again_after_a_growing_pause() -> None:
    table, pauses = BusyTable(takes=10), list[float]()

    DynamoOutcomes(table, "outcomes", sleep=pauses.append).expose(
        exposed(number, "a") for number in range(BATCH)
    )

    assert table.kept == BATCH
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_a_table_that_takes_nothing_is_given_up() -> None:
    """The delivery comes again, and nothing is doubled by it."""
    table = BusyTable(takes=0)

    with pytest.raises(CloudError, match="left 1 items"):
        DynamoOutcomes(table, "outcomes", sleep=lambda _: None).tell([told(1)])
    assert table.calls == TRIES


def test_calls_grow_with_the_batches_and_not_with_the_lines() -> None:
    table = BusyTable(takes=BATCH)

    DynamoOutcomes(table, "outcomes").expose(exposed(number, "a") for number in range(100))

    assert table.calls == 100 / BATCH


@pytest.mark.parametrize("status", [200, 400, 500])
def test_whoever_was_given_an_arm_counts_whatever_the_answer(status: int) -> None:
    assert len(list(exposures_of([exposed(1, "linear", status=status)]))) == 1


def test_a_probe_is_no_exposure() -> None:
    assert not list(exposures_of([exposed(1, "linear", probe=True)]))


def test_the_lines_that_a_release_writes_are_what_is_read() -> None:
    """Of a prediction and of what was told of it, by the code that writes them."""
    release, written = service_of().release, list[str]()
    labels = {"experiment": "forest-or-linear", "arm": "linear", "subject": "5" * 16}
    log = EvidenceLog(release, write=written.append, now=AT.timestamp)
    log.record(Prediction(prediction_id(1), 200, 1, 2.5, labels=labels))
    body = json.dumps({"prediction_id": prediction_id(1), "metric": "clicked"}).encode()
    Feedback(release, written.append, now=AT.timestamp).take(Request("POST", "/feedback", {}, body))

    lines = [json.loads(line) for line in "".join(written).splitlines()]

    assert list(exposures_of(lines)) == [
        Exposure(release.model, prediction_id(1), AT, release.name, *labels.values())
    ]
    assert list(feedback_of(lines)) == [Told(release.model, prediction_id(1), AT, "clicked", 1)]


@pytest.mark.parametrize(("status", "count"), [(200, 1), (400, 0), (503, 0)])
def test_without_an_arm_only_an_answer_counts(status: int, count: int) -> None:
    assert len(list(exposures_of([predicted(1, status=status)]))) == count


@pytest.mark.parametrize(
    "wrong",
    [
        {"message": "START"},
        {"model": None},
        {"prediction_id": "g" * 32},
        {"prediction_id": prediction_id(1).upper() + "0"},
        {"timestamp": "yesterday"},
        {"timestamp": None},
    ],
)
def test_a_line_that_is_cut_short_tells_nothing(wrong: dict[str, object]) -> None:
    assert not list(exposures_of([{**exposed(1, "linear"), **wrong}]))
    assert not list(feedback_of([{**told(1), **wrong}]))


@pytest.mark.parametrize("value", [None, "1", float("nan"), float("inf"), [1]])
def test_feedback_without_a_finite_number_tells_nothing(value: object) -> None:
    assert not list(feedback_of([told(1, value)]))


@pytest.mark.parametrize("metric", ["", "m" * 101, None, 7])
def test_feedback_without_a_name_that_fits_a_key_tells_nothing(metric: Any) -> None:
    assert not list(feedback_of([told(1, metric=metric)]))


def test_a_time_without_a_zone_is_utc() -> None:
    line = exposed(1, "linear", timestamp=AT.replace(tzinfo=None).isoformat())

    assert next(exposures_of([line])).at == AT


def test_a_time_elsewhere_is_the_same_moment() -> None:
    there = datetime.fromisoformat("2026-11-20T14:30:15.250+02:00")

    assert next(exposures_of([exposed(1, "linear", there)])).at == AT
