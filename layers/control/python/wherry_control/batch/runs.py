"""
Batch runs on AWS, as Step Functions keeps them: one execution of a model's state machine each.

`Runs` is the seam: the real one asks Step Functions, an in-memory one stands behind it in tests,
and one contract test runs over both. It knows what is under way; what was done, the receipts in the
output folder say, and the manifest at the end.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from wherry import errors
from wherry.errors import CloudError, WherryError
from wherry_control.aws_errors import translated

RUNNING = "running"
CANCELLED = "cancelled"  # Step Functions says aborted
SHOWN = 6  # of partitions that failed
MOST = 1000  # runs that are looked at, newest first; Step Functions keeps them for 90 days


@dataclass(frozen=True)
class Execution:
    """
    `status` is running, succeeded, failed, timed_out or cancelled; `input` is what it was asked,
    `error` and `cause` are the reason of a failure: all of these are empty in a list.
    """

    name: str
    status: str
    started: datetime
    ended: datetime | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    cause: str = ""

    @property
    def kind(self) -> type[WherryError] | None:
        """The error of ours by which it failed, if it is one."""
        found = getattr(errors, self.error, None)
        return found if isinstance(found, type) and issubclass(found, WherryError) else None

    @property
    def why(self) -> str:
        """An error of ours says by itself what is wrong; another is told by its name, too."""
        return ": ".join(filter(None, ("" if self.kind else self.error, self.cause)))

    @property
    def is_running(self) -> bool:
        return self.status == RUNNING


@dataclass(frozen=True)
class Counts:
    """Partitions of an execution, as its map run counts them."""

    total: int
    succeeded: int
    failed: int
    running: int


class Runs(Protocol):
    """The executions of one model's state machine."""

    def start(self, name: str, told: Mapping[str, Any]) -> bool:
        """False, and nothing is started, if there is or was one of this name."""
        ...

    def list(self) -> list[Execution]:
        """The newest first."""
        ...

    def find(self, name: str) -> Execution | None:
        """None if there is none of this name."""
        ...

    def counts(self, name: str) -> Counts | None:
        """None as long as it has not begun to share out partitions."""
        ...

    def failed(self, name: str) -> Sequence[Execution]:
        """Some of its partitions that failed, each an execution that was asked its task."""
        ...

    def stop(self, name: str, why: str) -> None:
        """Start no partition any more; one that has ended stays as it is."""
        ...


class StepFunctionsRuns:
    """By the state machine `arn`; `client` is boto3's of Step Functions."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client, self._arn = client, arn
        self._name = arn.rpartition(":")[2]

    def start(self, name: str, told: Mapping[str, Any]) -> bool:
        from botocore.exceptions import ClientError

        with translated(self._name):
            try:
                self._client.start_execution(
                    stateMachineArn=self._arn, name=name, input=json.dumps(told, sort_keys=True)
                )
            except ClientError as error:
                self._check_deployed(error)
                if _code(error) != "ExecutionAlreadyExists":
                    raise
                return False
        return True

    def list(self) -> list[Execution]:
        from botocore.exceptions import ClientError

        with translated(self._name):
            pages = self._client.get_paginator("list_executions").paginate(
                stateMachineArn=self._arn, PaginationConfig={"MaxItems": MOST}
            )
            try:
                found = [_execution(each) for page in pages for each in page["executions"]]
                if not found:  # the local AWS lists none of a machine that is not there
                    self._client.describe_state_machine(stateMachineArn=self._arn)
            except ClientError as error:
                self._check_deployed(error)
                raise
        return sorted(found, key=lambda each: each.started, reverse=True)

    def find(self, name: str) -> Execution | None:
        from botocore.exceptions import ClientError

        with translated(self._name):
            try:
                told = self._client.describe_execution(executionArn=self._execution_arn(name))
            except ClientError as error:
                if _code(error) in {"ExecutionDoesNotExist", "InvalidArn", "InvalidName"}:
                    return None
                raise
        return _execution(told)

    def counts(self, name: str) -> Counts | None:
        with translated(self._name):
            shared = self._map_run(name)
            if shared is None:
                return None
            told = self._client.describe_map_run(mapRunArn=shared)["itemCounts"]
        lost = told["failed"] + told["timedOut"] + told["aborted"]
        return Counts(told["total"], told["succeeded"], lost, told["running"])

    def failed(self, name: str) -> Sequence[Execution]:
        with translated(self._name):
            shared = self._map_run(name)
            if shared is None:
                return []
            found = self._client.list_executions(
                mapRunArn=shared, statusFilter="FAILED", maxResults=SHOWN
            )["executions"]
            arns = [each["executionArn"] for each in found]
            return [_execution(self._client.describe_execution(executionArn=arn)) for arn in arns]

    def stop(self, name: str, why: str) -> None:
        from botocore.exceptions import ClientError

        with translated(self._name):
            try:
                self._client.stop_execution(
                    executionArn=self._execution_arn(name), error="Cancelled", cause=why
                )
            except ClientError:
                found = self.find(name)
                if found is None or found.is_running:
                    raise

    def _map_run(self, name: str) -> str | None:
        """What shares out its partitions; None as long as there is none."""
        arn = self._execution_arn(name)
        runs = self._client.list_map_runs(executionArn=arn)["mapRuns"]
        return runs[0]["mapRunArn"] if runs else None

    def _execution_arn(self, name: str) -> str:
        return f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"

    def _check_deployed(self, error: Any) -> None:
        if _code(error) == "StateMachineDoesNotExist":
            raise CloudError(
                self._name,
                "there are no batch runs on this AWS: the model is not deployed, or has no [batch]",
                "Add [batch] to its model.toml and deploy it, or run it --here.",
            ) from error


def _code(error: Any) -> str:
    return str(error.response["Error"].get("Code", ""))


def _execution(told: Mapping[str, Any]) -> Execution:
    return Execution(
        name=told["name"],
        status=CANCELLED if told["status"] == "ABORTED" else told["status"].lower(),
        started=told["startDate"],
        ended=told.get("stopDate"),
        input=json.loads(told.get("input") or "{}"),
        error=told.get("error", ""),
        cause=_cause(told.get("cause", "")),
    )


def _cause(told: str) -> str:
    """What a function said that failed, without where in its code: Lambda tells both as JSON."""
    try:
        return str(json.loads(told)["errorMessage"])
    except (ValueError, TypeError, KeyError):
        return told
