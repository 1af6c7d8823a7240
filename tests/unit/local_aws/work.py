"""Run by test_work.py in MiniStack's environment: what the fixes for workers make of it."""

import base64
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import (
    apigateway_v1,
    eventbridge,
    lambda_svc,
    s3,
    scheduler,
    sqs,
    stepfunctions,
)
from ministack.services.cloudformation import provisioners

from infra.local_aws.emulator import endpoints, errors, machines, queues, schedules

TRACE = """Traceback (most recent call last):
  File "handler.py", line 3, in handler
    raise RefusedError("no: never")
wherry.errors.RefusedError: no: never
  → Do something else.
"""


def names() -> list[str]:
    return [errors.raised(trace) for trace in (TRACE, "KeyError: 1\n", "ValueError", "")]


def _mapped(percent: int | None, items: str, *, status: str = "RUNNING") -> list[Any]:
    """How a map ends whose items fail where they say so, and how many began."""
    began: list[Any] = []

    def task(_state: Any, told: Any, _execution: Any, _context: Any) -> Any:
        began.append(told)
        if told == "bad":
            raise stepfunctions._ExecutionError("Bad", "it is")
        return {}, None

    stepfunctions._execute_task = task
    execution = {
        "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m",
        "executionArn": "e", "status": status,
    }  # fmt: skip
    state = {"ItemsPath": "$.items", "ResultPath": None, "End": True}
    if percent is not None:
        state["ToleratedFailurePercentagePath"] = "$.percent"
    told = {"items": items.split(), "percent": percent}
    child = {"StartAt": "T", "States": {"T": {"Type": "Task", "End": True}}}
    try:
        stepfunctions._run_distributed_map(state, told, told, child, execution, {"Execution": {}})
    except stepfunctions._ExecutionError as error:
        return [error.error, len(began)]
    return ["done", len(began)]


def maps() -> dict[str, Any]:
    machines.run_distributed_maps_as_told(stepfunctions)
    return {
        "within": _mapped(50, "a bad"),
        "beyond": _mapped(49, "a bad"),
        "none": _mapped(None, "a bad"),
        "stopped": _mapped(0, "a b", status="ABORTED"),
    }


def letters() -> dict[str, Any]:
    queues.move_dead_letters_back(sqs)
    dead = sqs._act_create_queue({"QueueName": "dead"}, "")["QueueUrl"]
    arn = sqs._queues[dead]["attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    told = {"QueueName": "q", "Attributes": {"RedrivePolicy": policy, "VisibilityTimeout": "0"}}
    source = sqs._act_create_queue(told, "")["QueueUrl"]
    sqs._act_send_message({"QueueUrl": source, "MessageBody": "hello"}, source)
    for _ in range(2):  # taken, given up
        sqs._receive_messages_for_esm(source, 10)
    lying = len(sqs._queues[dead]["messages"])
    handle = sqs._HANDLERS["StartMessageMoveTask"]({"SourceArn": arn}, "")["TaskHandle"]
    (task,) = sqs._HANDLERS["ListMessageMoveTasks"]({"SourceArn": arn}, "")["Results"]
    (back,) = sqs._receive_messages_for_esm(source, 10)
    refused = ""
    try:
        sqs._HANDLERS["StartMessageMoveTask"]({"SourceArn": arn + "x"}, "")
    except sqs._Err as error:
        refused = error.code
    return {
        "lying": lying, "left": len(sqs._queues[dead]["messages"]), "refused": refused,
        "task": [task["TaskHandle"] == handle, task["Status"]],
        "moved": task["ApproximateNumberOfMessagesMoved"],
        "back": [back["body"], back["receive_count"]],
    }  # fmt: skip


def _due(expression: str, since: str, **told: Any) -> str | None:
    schedule = {"ScheduleExpression": expression, "State": "ENABLED", **told}
    at = schedules.due(
        scheduler, eventbridge, schedule, datetime.fromisoformat(since).timestamp(), 0
    )
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def times() -> dict[str, Any]:
    berlin = {"ScheduleExpressionTimezone": "Europe/Berlin"}
    once = {"ScheduleExpression": "at(2026-07-01T12:00:00)", "State": "ENABLED", **berlin}
    return {
        "winter": _due("cron(0 3 * * ? *)", "2026-01-01T00:00+00:00", **berlin),
        "summer": _due("cron(0 3 * * ? *)", "2026-07-01T02:00+00:00", **berlin),
        "rate": _due("rate(2 hours)", "2026-01-01T00:00+00:00"),
        "off": _due("rate(2 hours)", "2026-01-01T00:00+00:00", State="DISABLED"),
        "over": _due("rate(2 hours)", "2026-01-01T00:00+00:00", EndDate="2026-01-01T01:00+00:00"),
        "once": schedules.due(scheduler, eventbridge, once, None, 0)
        == datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp(),
        "twice": schedules.due(scheduler, eventbridge, once, 1.0, 0),
    }


def fired() -> list[Any]:
    schedules.fire_schedules_as_aws_does(scheduler, eventbridge)
    seen: list[Any] = []
    eventbridge._invoke_target = lambda target, _event, _rule: seen.append(target["Input"])
    target = {"Arn": "arn:x", "RoleArn": "r", "Input": "at <aws.scheduler.scheduled-time>"}
    told = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    scheduler._create_schedule("s", {"ScheduleExpression": "at(2026-01-01T00:00:00)", **told})
    scheduler._create_schedule("later", {"ScheduleExpression": "rate(1 day)", **told})
    scheduler._tick_schedules()
    scheduler._tick_schedules()
    return seen


def zones() -> list[str]:
    """Of a schedule that a template makes, and then moves."""
    schedules.keep_zones_of_templates(provisioners, scheduler)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]
    told = {"Name": "nightly", "ScheduleExpression": "cron(0 3 * * ? *)"}
    berlin, rome = (
        {**told, "ScheduleExpressionTimezone": f"Europe/{city}"} for city in ("Berlin", "Rome")
    )
    handlers["create"]("Schedule", berlin, "stack")
    found = [scheduler._schedules["default/nightly"]["ScheduleExpressionTimezone"]]
    handlers["update"]("nightly", berlin, rome, "stack")
    return [*found, scheduler._schedules["default/nightly"]["ScheduleExpressionTimezone"]]


def urls() -> dict[str, Any]:
    lambda_svc.lambda_execute_result_to_api_proxy_response = lambda result: (result["body"], None)
    endpoints.sign_urls_for_everybody(apigateway_v1, s3, "4566")
    url = "http://host.docker.internal:4566/bucket/key"
    packed = base64.b64encode(url.encode()).decode()

    def shaped(**told: Any) -> Any:
        return apigateway_v1._lambda_proxy_response({"body": told})[0]["body"]

    opened = shaped(body=packed, isBase64Encoded=True)
    return {
        "text": shaped(body=url),
        "packed": base64.b64decode(opened).decode(),
        "others": shaped(body="AAAA", isBase64Encoded=True),
        "signed": [_asked("host.docker.internal:4566"), _asked("elsewhere:4566")],
    }


def _asked(host: str) -> bool:
    """Whether what was signed for `host` opens under the name that is known outside."""
    import hashlib
    import hmac

    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"test/{scope}",
        "X-Amz-Date": now, "X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host",
    }  # fmt: skip
    canonical = s3.build_canonical_request("GET", "/b/k", {"host": host}, query, "host")
    key = b"AWS4test"
    for part in [*scope.split("/")]:
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    query["X-Amz-Signature"] = hmac.new(key, text.encode(), "sha256").hexdigest()
    return s3._verify_presigned_sigv4("GET", "/b/k", {"host": "127.0.0.1:4566"}, query) is None


def worker() -> str:
    """The name of what a ZIP function raised, through MiniStack's own reply."""
    lambda_runtime.Worker.invoke = lambda *_, **__: {
        "status": "error",
        "error": "no",
        "trace": TRACE,
    }
    lambda_svc.acquire_worker = lambda *_, **__: (
        lambda_runtime.Worker.__new__(lambda_runtime.Worker),
        "",
    )
    lambda_svc.release_worker = lambda *_, **__: None
    errors.name_errors_by_their_class(lambda_svc, lambda_runtime)
    told = lambda_svc._execute_function_warm({"config": {}, "code_zip": b"x"}, {}, "1")
    return str(told["body"]["errorType"])


PARTS = (names, maps, letters, times, fired, zones, urls, worker)
json.dump({part.__name__: part() for part in PARTS}, sys.stdout)
