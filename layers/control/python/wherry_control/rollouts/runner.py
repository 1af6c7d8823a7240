"""
Who ticks a rollout when nobody's laptop does: a state machine of Step Functions.

An execution has the rollout's name, so that beginning it twice begins it once. A name stays taken
for 90 days, though: where an execution was stopped by hand, or has failed, another one is begun
under another name, or else a rollout would go on in words alone. None of it is needed for a
rollback, which is one move of the alias.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from wherry_control.aws_errors import translated


class Runner(Protocol):
    """Sees to it that somebody calls `tick`, until it is done."""

    def begin(self, rollout: str, model: str, suffix: str = "") -> None:
        """
        Tick the rollout of this name as often as its plan says; once, however often it is asked.

        Another `suffix` is another run, for one whose first has come to its end. One that has come
        to its end is begun anew.
        """
        ...


@dataclass(frozen=True)
class StepFunctions:
    """The state machine `arn`; `client` is boto3's of Step Functions."""

    client: Any
    arn: str
    clock: Callable[[], datetime]

    def begin(self, rollout: str, model: str, suffix: str = "") -> None:
        """See Runner; the execution's input is `{"model", "rollout"}`."""
        name, told = rollout + suffix, json.dumps({"model": model, "rollout": rollout})
        with translated(f"state machine {self.arn.rpartition(':')[2]}"):
            if not (self._starts(name, told) or self._runs(name)):
                self._starts(f"{name}-{self.clock():%m%dT%H%M%S}", told)

    def _starts(self, name: str, told: str) -> bool:
        """Return False if the name is taken."""
        from botocore.exceptions import ClientError

        try:
            self.client.start_execution(stateMachineArn=self.arn, name=name, input=told)
        except ClientError as error:
            if error.response["Error"].get("Code") != "ExecutionAlreadyExists":
                raise
            return False
        return True

    def _runs(self, name: str) -> bool:
        arn = self.arn.replace(":stateMachine:", ":execution:", 1)
        status: str = self.client.describe_execution(executionArn=f"{arn}:{name}")["status"]
        return status == "RUNNING"
