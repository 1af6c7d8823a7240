"""
Who ticks a rollout when nobody's laptop does: a state machine of Step Functions.

An execution has the rollout's name, so that beginning it twice begins it once: a start whose answer
was lost is simply repeated. It is not needed for a rollback, which is one move of the alias.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from wherry_control.aws_errors import translated


class Runner(Protocol):
    """Sees to it that somebody calls `tick`, until it is done."""

    def begin(self, rollout: str, model: str, suffix: str = "") -> None:
        """
        Tick the rollout of this name as often as its plan says; once, however often it is asked.

        Another `suffix` is another run, for one whose first has come to its end.
        """
        ...


@dataclass(frozen=True)
class StepFunctions:
    """The state machine `arn`; `client` is boto3's of Step Functions."""

    client: Any
    arn: str

    def begin(self, rollout: str, model: str, suffix: str = "") -> None:
        """See Runner; the execution's input is `{"model", "rollout"}`."""
        name, told = rollout + suffix, json.dumps({"model": model, "rollout": rollout})
        from botocore.exceptions import ClientError

        with translated(f"state machine {self.arn.rpartition(':')[2]}"):
            try:
                self.client.start_execution(stateMachineArn=self.arn, name=name, input=told)
            except ClientError as error:
                if error.response["Error"].get("Code") != "ExecutionAlreadyExists":
                    raise
