"""Where a deployed model's queues and large payloads are: its stack tells, and its names."""

from dataclasses import dataclass
from typing import Protocol

from wherry.errors import CloudError, ConfigurationError, UsageError
from wherry_control.gateway import Stack
from wherry_control.targets import Target


class Stacks(Protocol):
    """What knows them: `Gateway`."""

    def stack(self, name: str) -> Stack | None: ...


@dataclass(frozen=True)
class Places:
    """URLs; `results` is empty where results go to S3 alone."""

    messages: str
    dead: str
    results: str
    claims: str

    def readable(self, name: str) -> str:
        """The queue that may be looked into: `dead` or `results`."""
        found = self.dead if name == "dead" else self.results
        if not found:
            raise UsageError(
                "--of results", "this model's results go to S3 alone",
                'Add "queue" to `results` under [queue] of its model.toml, and deploy it.',
            )  # fmt: skip
        return found


def places(stacks: Stacks, target: Target, model: str) -> Places:
    """Raise CloudError if the model is not deployed, ConfigurationError if it has no queue."""
    stack = stacks.stack(target.stack(model))
    if stack is None:
        todo = f"Run `wherry deploy {model}` with the same --target."
        raise CloudError(target.function(model), "it is not deployed here", todo)
    told = stack.outputs
    if "MessagesQueueUrl" not in told:
        raise ConfigurationError(
            f"models/{model}/model.toml",
            f"{model} has no queue on this target",
            "Add a table [queue], then run `wherry deploy`.",
        )
    return Places(
        messages=told["MessagesQueueUrl"],
        dead=told["MessagesDeadUrl"],
        results=told.get("ResultsQueueUrl", ""),
        claims=f"{target.store_url}/queue/{model}/claims",
    )
