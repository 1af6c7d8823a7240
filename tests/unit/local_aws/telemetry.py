"""Run by test_telemetry.py in MiniStack's environment: what is counted, written and delivered."""

import json
import random
import sys
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

from infra.local_aws.emulator import logs, metrics, routing, subscriptions, wrapping


def telemetry() -> dict[str, Any]:
    """Invocations by every way, of a version that fails as it is told to."""
    told: dict[str, Any] = {"body": "fine", "log": "hello"}
    lambda_svc._execute_function_warm = lambda *_: told
    metrics.count_invocations(lambda_svc, cloudwatch)
    logs.write_lines_as_lambda_does(lambda_svc, cloudwatch_logs)
    routing.route_by_alias_weights(lambda_svc, random.Random("seed"))  # noqa: S311 (no secret)
    func = lambda_svc._functions["z"] = zipped()
    for qualifier in ("live", "live", "2", None):
        record, settings = lambda_svc._effective_func_record_for_qualifier(func, qualifier)
        lambda_svc._execute_function(lambda_svc._execution_record_for_config(record, settings), {})
    endings = {}
    for name, body in ENDINGS.items():
        told = {"error": True, "body": body, "log": ""}
        lambda_svc._execute_function(func["versions"]["2"], {})
        endings[name] = lines("[2]")[-4:]
    return {"sums": sums(), "streams": len(streams()), "good": lines("[1]"), "endings": endings}


ENDINGS = {
    "late": {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 3.00 seconds"},
    "killed": {"errorType": "Runtime.ExitError", "errorMessage": "… error: signal: killed"},
    "unborn": {"errorType": "RuntimeError", "errorMessage": "Worker init failed: no module"},
    "raised": {"errorType": "Runtime.HandlerError", "errorMessage": "asked to"},
}


def zipped() -> dict[str, Any]:
    def config(version: str) -> dict[str, Any]:
        arn = "arn:aws:lambda:us-east-1:000000000000:function:z"
        told = {"FunctionName": "z", "FunctionArn": arn, "Version": version}
        return {**told, "PackageType": "Zip", "Runtime": "python3.13", "MemorySize": 128}

    versions = {version: {"config": config(version)} for version in ("1", "2")}
    aliases = {"live": {"FunctionVersion": "1"}}
    return {"config": config("$LATEST"), "versions": versions, "aliases": aliases}


def streams() -> dict[str, Any]:
    found: dict[str, Any] = cloudwatch_logs._log_groups["/aws/lambda/z"]["streams"]
    return found


def lines(mark: str) -> list[str]:
    (stream,) = [each for name, each in streams().items() if mark in name]
    return [each["message"] for each in stream["events"]]


def sums() -> dict[str, float]:
    return {
        key: sum(point["_stat"]["Sum"] for point in points)
        for (_, name, key), points in cloudwatch._metrics.items()
        if name == "Invocations"
    }


def delivered() -> dict[str, Any]:
    """Two streams, a batch at most, and a subscriber that refuses the first try."""
    got: list[tuple[str, int]] = []
    waits: list[float] = []

    def send(key: subscriptions.Key, _subscriber: dict[str, Any], events: list[Any]) -> bool:
        got.append((key[2], len(events)))
        return len(got) > 1

    sender = subscriptions.Sender(send)
    for stream, count in (("a", 2), ("b", 1), ("a", subscriptions.MOST)):
        sender.put(("1", "g", stream, "f"), {}, [{"id": "x"}] * count)
    sender.turn(waits.append)
    sender.turn(waits.append)
    return {"got": got, "waits": len(waits)}


def endings() -> list[Any]:
    """A container's log that is whole, late, and never whole; and how often each was awaited."""
    told = []
    for late in (0, 2, 99):
        parts = iter(["a"] * late + ["a z"] * 99)
        waits: list[float] = []
        log = logs.read_to_the_end(next(parts), "z", parts.__next__, waits.append)
        told.append([log, len(waits)])
    return told


def patterns() -> dict[str, list[bool]]:
    subscriptions.match_terms_as_aws_does(cloudwatch_logs)
    taken = cloudwatch_logs._subscription_pattern_matches
    asked = ('?one ?"two words"', "one other", "one -other", "")
    said = ("one", "has two words", "one other", "nobody")
    return {pattern: [taken(pattern, line) for line in said] for pattern in asked}


wrapping.check_version(wrapping.VERSION)
PARTS = (telemetry, delivered, endings, patterns)
json.dump({part.__name__: part() for part in PARTS}, sys.stdout)
