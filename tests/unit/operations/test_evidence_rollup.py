"""What a delivery of log lines comes to: every request once, whatever it left behind."""

import json
from typing import Any

import pytest

from tests.support.evidence_fakes import FakeEvidence
from tests.support.evidence_lines import (
    NOON,
    REQUEST,
    STREAM,
    delivery,
    prediction,
    report,
)
from wherry.sketch import number_bin
from wherry_control.evidence.counts import Counts
from wherry_control.evidence.rollup import facts_of, flushes, unpack
from wherry_control.evidence.sources import Flush

TOO_LATE = f"2026-11-26T12:00:03.000Z {REQUEST} Task timed out after 3.00 seconds\n\n"
KILLED = f"RequestId: {REQUEST} Error: Runtime exited with error: signal: killed\nRuntime.ExitError"
EXITED = f"RequestId: {REQUEST} Error: Runtime exited with error: exit status 1"
UNBORN = "INIT_REPORT Init Duration: 9.12 ms\tPhase: {}\tStatus: error\tError Type: {}"


def told(*lines: str | tuple[int, str], **where: Any) -> list[Flush]:
    return flushes(unpack(delivery(*lines, **where)))


def total(*lines: str | tuple[int, str], **where: Any) -> Counts:
    return sum((each.minute.counts for each in told(*lines, **where)), Counts())


def test_predictions_are_counted_by_minute_and_release() -> None:
    found = told(
        (0, prediction()), (59, prediction()), (60, prediction()), (0, prediction(release="8"))
    )

    minutes = [each.minute for each in found]
    assert [(each.at.minute, each.release, each.counts.requests) for each in minutes] == [
        (0, "7", 2),
        (1, "7", 1),
        (0, "8", 1),
    ]
    assert (found[0].model, minutes[0].at) == ("iris", NOON)


def test_a_request_counts_its_latency_its_slowness_and_its_sketch() -> None:
    sketch = {
        "rows": 1,
        "outputs": {"label": {"setosa": 1}},
        "inputs": {"petal": {"+2": 1}},
        "pairs": {"": {"|setosa": 1}, "petal": {"+2|setosa": 1}},
    }
    line = prediction(Slow=1, Latency=12.0, sketch=sketch)

    assert total(line, line) == Counts(
        requests=2,
        slow=2,
        latency={number_bin(12.0): 2},
        outputs={"label": {"setosa": 2}},
        inputs={"petal": {"+2": 2}},
        pairs={"": {"|setosa": 2}, "petal": {"+2|setosa": 2}},
    )


def test_what_the_caller_must_mend_is_no_request() -> None:
    """However slow it was: it is nobody's fault here."""
    assert total(prediction(status=400, Slow=1), prediction(status=429)) == Counts(refusals=2)


def test_an_answer_of_5xx_is_an_error_of_the_model() -> None:
    counts = total(prediction(status=500), prediction(status=503), prediction())

    assert (counts.requests, counts.errors) == (3, {"model": 2})


def test_a_preflights_own_requests_are_no_evidence() -> None:
    assert told(prediction(probe=True)) == []


@pytest.mark.parametrize(
    "line",
    [
        "", "hello", "{", "[1]", '{"message": "prediction"}', '{"message": "loaded"}',
        prediction(status="200"), prediction(sketch={"outputs": 1}), report(),
        f"START RequestId: {REQUEST} Version: 7", '{"type": "platform.start", "record": {}}',
    ],
)  # fmt: skip
def test_lines_that_are_no_evidence_are_passed_over(line: str) -> None:
    """A function may print what it likes, and the rest of the delivery still counts."""
    assert total(line, prediction()).requests == 1


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((TOO_LATE, report("Status: timeout")), "timeout"),
        ((report("Status: timeout"),), "timeout"),
        ((TOO_LATE, report()), "timeout"),
        ((KILLED, report("Status: error\tError Type: Runtime.OutOfMemory")), "memory"),
        ((KILLED, report()), "memory"),
        ((report("Status: error\tError Type: Runtime.ImportModuleError"),), "init"),
        ((EXITED, report("Status: error\tError Type: Runtime.ExitError")), "crash"),
        (
            (
                UNBORN.format("init", "Runtime.ExitError"),
                UNBORN.format("invoke", "Runtime.ExitError"),
                EXITED,
                report("Status: error\tError Type: Runtime.ExitError"),
            ),
            "init",
        ),
    ],
)
def test_a_request_that_lambda_ended_counts_once(lines: tuple[str, ...], kind: str) -> None:
    """By one kind, however many lines tell of it."""
    assert total(*lines) == Counts(requests=1, errors={kind: 1})


@pytest.mark.parametrize(
    ("record", "errors"),
    [
        ({"status": "success"}, {}),
        ({"status": "timeout"}, {"timeout": 1}),
        ({"status": "error", "errorType": "Runtime.OutOfMemory"}, {"memory": 1}),
        ({"status": "failure", "errorType": "Runtime.ExitError"}, {"crash": 1}),
    ],
)
def test_the_platforms_json_says_the_same(record: dict[str, str], errors: dict[str, int]) -> None:
    record = {"requestId": REQUEST, **record}
    line = json.dumps({"time": "…", "type": "platform.report", "record": record})

    assert total(line) == Counts(requests=len(errors), errors=errors)


def test_an_environment_that_comes_to_life_at_the_second_try_cost_nobody_a_request() -> None:
    again = {"type": "platform.initReport", "record": {"phase": "init", "status": "timeout"}}

    assert told(UNBORN.format("init", "Runtime.ExitError"), json.dumps(again)) == []
    crash = report("Status: error\tError Type: Runtime.ExitError")
    assert total(UNBORN.format("init", "x"), crash).errors == {"crash": 1}


def test_json_of_a_dead_birth_is_an_init_error() -> None:
    birth = {"type": "platform.initReport", "record": {"phase": "invoke", "status": "error"}}
    end = {"type": "platform.report", "record": {"requestId": REQUEST, "status": "error"}}

    assert total(json.dumps(birth), json.dumps(end)).errors == {"init": 1}


def test_what_is_delivered_twice_counts_once() -> None:
    store = FakeEvidence()
    lines = (prediction(), prediction(status=500), TOO_LATE, report("Status: timeout"))

    for _ in range(2):
        for flush in told(*lines):
            store.add(flush)

    (minute,) = store.minutes("iris", NOON, NOON.replace(minute=1))
    assert minute.counts.requests == 3
    assert minute.counts.errors == {"model": 1, "timeout": 1}


def test_the_lines_of_one_failure_may_come_in_two_deliveries() -> None:
    store = FakeEvidence()

    added = [
        store.add(flush) for line in (TOO_LATE, report("Status: timeout")) for flush in told(line)
    ]

    assert added == [True, False]


def test_a_delivery_with_more_bins_than_an_item_holds_is_kept_in_parts() -> None:
    """It failed as a whole before, and again at each retry: nothing of it was ever counted."""
    lines = [
        prediction(sketch={"pairs": {"é" * 40: {f"{number}|{'ä' * 900}": 1}}})
        for number in range(200)
    ]

    found = told(*lines)

    items = [json.dumps(each.minute.counts.to_plain()) for each in found]
    assert max(map(len, items)) < 350_000 < sum(map(len, items))
    assert len({each.id for each in found}) == len(found)
    assert found == told(*lines)
    assert sum(each.minute.counts.requests for each in found) == 200


def test_lines_of_two_streams_are_two_requests() -> None:
    """Event ids of two streams may be alike."""
    one, two = told(prediction()), told(prediction(), stream=f"{STREAM}2")

    assert one[0].id != two[0].id


@pytest.mark.parametrize(
    "where",
    [
        {"group": "/aws/lambda/other"},
        {"group": "/aws/lambda/wherry-dev-rollout_tick"},
        {"kind": "CONTROL_MESSAGE"},
    ],
)
def test_only_models_logs_are_evidence(where: dict[str, Any]) -> None:
    assert told(prediction(), report("Status: timeout"), **where) == []


def test_what_no_published_version_wrote_is_no_failure_of_a_release() -> None:
    assert told(report("Status: timeout"), stream="2026/11/26/[$LATEST]abc") == []


def facts(*lines: str, **where: Any) -> list[Any]:
    return [line["prediction_id"] for line in facts_of(unpack(delivery(*lines, **where)))]


def test_feedback_and_what_an_arm_answered_are_facts() -> None:
    lines = (
        prediction(prediction_id="a", arm="b"),
        prediction(prediction_id="b"),
        prediction(prediction_id="c", message="feedback"),
        prediction(prediction_id="d", arm="b", probe=True),
        report(),
    )

    assert facts(*lines) == ["a", "c"]


def test_every_prediction_is_a_fact_where_outcomes_judge() -> None:
    lines = (prediction(prediction_id="a"), prediction(prediction_id="b", probe=True))

    assert facts(*lines, filters=("evidence-and-outcomes",)) == ["a"]
