"""
One turn of a rollout, for the state machine that waits between turns.

It decides nothing itself, and any turn may be killed or repeated: the next one goes on from what is
written down. A turn of a rollout that is over, or that another one has replaced, is the last.
"""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from wherry.manifest import GOLDEN
from wherry.store import ModelStore
from wherry_control.evidence.cloudwatch import CloudWatchPlatform
from wherry_control.evidence.dynamo import DynamoEvidence
from wherry_control.experiments.joining import ReleaseOutcomes
from wherry_control.experiments.outcomes import DynamoOutcomes
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger
from wherry_control.rollouts.controller import RolloutController, Tick
from wherry_control.rollouts.dynamo import DynamoRollouts
from wherry_control.rollouts.gathering import Gatherer
from wherry_control.rollouts.preflight import GoldenPreflight
from wherry_control.rollouts.store import Kept

Event = Mapping[str, Any]


class Context(Protocol):
    """Of what Lambda tells of an invocation: its id, which no other has."""

    aws_request_id: str


class Ticking(Protocol):
    """What a turn asks of the rollout controller."""

    def tick(self, model: str) -> Tick: ...


def take_turn(
    event: Event, load: Callable[[str], Kept | None], controller: Callable[[Kept], Ticking]
) -> dict[str, Any]:
    """
    `{"done", "wait", "turn"}`: whether that was the last, seconds until the next, and its number.

    `event` holds the model, the rollout, and what the turn before it came to, as `tick`.
    """
    turn = int(event.get("tick", {}).get("turn", 0)) + 1
    kept = load(event["model"])
    if kept is None or kept.state.rollout != event["rollout"]:
        return {"done": True, "wait": 0, "turn": turn}
    tick = controller(kept).tick(event["model"])
    return {"done": tick.done, "wait": math.ceil(tick.wait), "turn": turn}


@dataclass(frozen=True)
class Parts:
    """What outlives an invocation; `told` is the environment of the function."""

    session: Any
    told: Mapping[str, str]

    def rollouts(self) -> DynamoRollouts:
        return DynamoRollouts(self._client("dynamodb"), self.told["WHERRY_ROLLOUTS_TABLE"])

    def controller(self, kept: Kept, holder: str) -> RolloutController:
        """For the rollout at hand: outcomes are read only where they judge it."""
        functions = Gateway(self.session)
        store = ModelStore.open(self.told["WHERRY_STORE"], self.told)
        dynamo = self._client("dynamodb")
        evidence = DynamoEvidence(dynamo, self.told["WHERRY_EVIDENCE_TABLE"])
        outcomes = ReleaseOutcomes(DynamoOutcomes(dynamo, self.told["WHERRY_OUTCOMES_TABLE"]))
        return RolloutController(
            functions=functions,
            ledger=DynamoLedger(dynamo, self.told["WHERRY_LEDGER_TABLE"]),
            store=self.rollouts(),
            evidence=evidence,
            gather=Gatherer(
                store=evidence,
                platform=CloudWatchPlatform(self._client("cloudwatch")),
                function=self.function,
                outcomes=outcomes if kept.plan.judge.outcome else None,
            ),
            preflight=GoldenPreflight(
                functions=functions, load=lambda digest: store.load(digest, names={GOLDEN})
            ),
            function=self.function,
            clock=lambda: datetime.now(UTC),
            holder=holder,
        )

    def function(self, model: str) -> str:
        return f"{self.told['WHERRY_FUNCTIONS']}{model}"

    def _client(self, service: str) -> Any:
        return self.session.client(service)


@cache
def parts() -> Parts:
    import boto3  # of Lambda's own runtime

    return Parts(boto3.Session(), os.environ)


def handler(event: Event, context: Context) -> dict[str, Any]:
    here = parts()
    return take_turn(
        event, here.rollouts().load, lambda kept: here.controller(kept, context.aws_request_id)
    )
