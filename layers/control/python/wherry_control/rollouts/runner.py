"""
Who ticks a rollout when nobody's laptop does: a state machine of Step Functions.

An execution has the rollout's name, so that beginning it twice begins it once. A name stays taken
for 90 days, though: where an execution was stopped by hand, or has failed, another one is begun
under the next name, or else a rollout would go on in words alone. One that has succeeded was
followed by another, whose name nobody knows: whether that still ticks is seen by its ticks alone.
None of it is needed for a rollback, which is one move of the alias.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from wherry_control.aws_errors import translated


class Runner(Protocol):
    """Sees to it that somebody calls `tick`, until it is done."""

    def begin(self, rollout: str, model: str, *, idle: bool = False) -> None:
        """
        Tick the rollout of this name as often as its plan says; once, however often it is asked.

        What was stopped is begun anew. `idle`: nobody has ticked it for so long that nobody will.
        """
        ...


@dataclass(frozen=True)
class StepFunctions:
    """The state machine `arn`; `client` is boto3's of Step Functions."""

    client: Any
    arn: str

    def begin(self, rollout: str, model: str, *, idle: bool = False) -> None:
        """See Runner; the execution's input is `{"model", "rollout"}`."""
        told, names = json.dumps({"model": model, "rollout": rollout}), _names(rollout)
        ticking = ("RUNNING",) if idle else ("RUNNING", "SUCCEEDED")
        with translated(f"state machine {self.arn.rpartition(':')[2]}"):
            name = next(names)
            while not self._starts(name, told) and self._status(name) not in ticking:
                name = next(names)

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

    def _status(self, name: str) -> str:
        arn = self.arn.replace(":stateMachine:", ":execution:", 1)
        status: str = self.client.describe_execution(executionArn=f"{arn}:{name}")["status"]
        return status


def _names(rollout: str) -> Iterator[str]:
    """The name of its first execution, then of the second."""
    yield rollout
    yield from (f"{rollout}.{number}" for number in count(2))
