"""Step Functions in memory, as far as rollouts use it: executions by name, and how they ended."""

from botocore.exceptions import ClientError

ARN = "arn:aws:states:eu-central-1:000000000000:stateMachine:wherry-dev-rollouts"


class Machines:
    """Step Functions, as far as it starts executions; `refuses` is an error's code."""

    def __init__(self, refuses: str = "") -> None:
        self.started: list[dict[str, str]] = []
        self.statuses: dict[str, str] = {}
        self._refuses = refuses

    @property
    def names(self) -> list[str]:
        """Of all that were started, in their order."""
        return [asked["name"] for asked in self.started]

    def start_execution(self, **asked: str) -> None:
        if self._refuses:
            raise ClientError({"Error": {"Code": self._refuses}}, "StartExecution")
        if asked["name"] in self.statuses:
            raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
        self.started.append(asked)
        self.statuses[asked["name"]] = "RUNNING"

    def describe_execution(self, **asked: str) -> dict[str, str]:
        where, _, name = asked["executionArn"].rpartition(":")
        assert where == ARN.replace(":stateMachine:", ":execution:")
        return {"status": self.statuses[name]}
