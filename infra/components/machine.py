"""
The definition of the state machine of batch runs, in Amazon's States Language.

Partitions are read line by line from the plan that the function wrote to S3, so that a run may have
more of them than an execution may have events or bytes. Each one answers nothing: what came of it
is its receipt, in S3.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-asl-use-map-state-distributed.html
"""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws

from infra.workers import BatchSettings

TRIES = 3
PATIENCE = 60  # seconds beyond the function's own timeout
# What the same call would be told again.
HOPELESS = (
    "RequestError", "NotFoundError", "TooLargeError", "UsageError", "ConfigurationError",
    "ArtifactError", "MissingArtifactError", "IntegrityError", "ParityError", "RefusedError",
    "UnsafeError", "ModelError",
)  # fmt: skip
LATE = ("States.Timeout", "Sandbox.Timedout")
BUSY = "Lambda.TooManyRequestsException"
BACK_OFF = {"IntervalSeconds": 2, "BackoffRate": 2, "JitterStrategy": "FULL"}
RETRY = [
    {"ErrorEquals": [*HOPELESS], "MaxAttempts": 0},
    # others use up what the account may run at once: waiting helps, and takes as long as it takes
    {"ErrorEquals": [BUSY], "MaxAttempts": 30, "MaxDelaySeconds": 60, **BACK_OFF},
    # what ran out of time once most likely does again, and each try costs 15 minutes
    {"ErrorEquals": [*LATE], "MaxAttempts": 1, **BACK_OFF},
    {"ErrorEquals": ["States.ALL"], "MaxAttempts": TRIES, **BACK_OFF},
]

State = dict[str, Any]


def definition(version: str, settings: BatchSettings) -> State:
    """`version` is the ARN of the function's version that does all the work."""
    seconds, tolerated = settings.timeout_seconds + PATIENCE, "$.tolerated_percent"
    told = {
        name: f"$.Payload.{name[:-2]}" for name in ("bucket.$", "key.$", "partitions.$", "run.$")
    }
    run = {name: f"$.plan.{name[:-2]}" for name in ("bucket.$", "key.$", "run.$")}
    plan = _call(version, seconds, "$")
    finish = _call(version, seconds, {"do": "finish", **run})
    return {
        "Comment": "Plan, predict the partitions, count",
        "StartAt": "What to do",
        "States": {
            "What to do": _set("$.do", "plan", then="Tolerance told?"),
            "Tolerance told?": _choice(
                {"Variable": tolerated, "IsPresent": True}, "Plan", "Usual tolerance"
            ),
            "Usual tolerance": _set(tolerated, settings.tolerated_percent, then="Plan"),
            "Plan": {**plan, "ResultSelector": told, "ResultPath": "$.plan", "Next": "Any rows?"},
            "Any rows?": _choice(
                {"Variable": "$.plan.partitions", "NumericGreaterThan": 0}, "Predict", "Finish"
            ),
            "Predict": _partitions(version, seconds, settings.concurrency, tolerated),
            "Finish": {**finish, "OutputPath": "$.Payload", "Next": "Complete?"},
            "Complete?": _choice(
                {"Variable": "$.complete", "BooleanEquals": True}, "Complete", "Incomplete"
            ),
            "Complete": {"Type": "Succeed"},
            "Incomplete": {
                "Type": "Fail",
                "Error": "Incomplete",
                "Cause": "Some partitions have no result. Start the run again: it does those alone",
            },
        },
    }


def _partitions(version: str, seconds: int, concurrency: int, tolerated: str) -> State:
    """More failures than are tolerated end it early, and are counted like all others."""
    item = {"do": "partition", "task.$": "$"}
    return {
        "Type": "Map",
        "Label": "Partitions",
        "ItemReader": {
            "Resource": f"arn:{Aws.PARTITION}:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL"},
            "Parameters": {"Bucket.$": "$.plan.bucket", "Key.$": "$.plan.key"},
        },
        "ItemProcessor": {
            # a partition may take longer than the five minutes of an express execution
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Partition",
            "States": {
                "Partition": {
                    **_call(version, seconds, item),
                    "OutputPath": "$.Payload",
                    "End": True,
                }
            },
        },
        "MaxConcurrency": concurrency,
        "ToleratedFailurePercentagePath": tolerated,
        "ResultPath": None,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failed", "Next": "Finish"}],
        "Next": "Finish",
    }


def _call(version: str, seconds: int, told: str | Mapping[str, str]) -> State:
    """`told` is what the function gets: a path, or a payload."""
    payload = {"Payload.$": told} if isinstance(told, str) else {"Payload": told}
    return {
        "Type": "Task",
        "Resource": f"arn:{Aws.PARTITION}:states:::lambda:invoke",
        "Parameters": {"FunctionName": version, **payload},
        "TimeoutSeconds": seconds,
        "Retry": RETRY,
    }


def _set(path: str, value: object, *, then: str) -> State:
    return {"Type": "Pass", "Result": value, "ResultPath": path, "Next": then}


def _choice(rule: Mapping[str, Any], then: str, otherwise: str) -> State:
    return {"Type": "Choice", "Choices": [{**rule, "Next": then}], "Default": otherwise}
