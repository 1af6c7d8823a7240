"""
One turn of a rollout, for the state machine that waits between turns.

It decides nothing itself, and any turn may be killed or repeated: the next one goes on from what is
written down. A turn of a rollout that is over, or that another one has replaced, is the last.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from wherry_control.gateway import Gateway
from wherry_control.rollouts.composed import controller
from wherry_control.rollouts.controller import RolloutController, Tick
from wherry_control.rollouts.store import RolloutStore

Event = Mapping[str, Any]


class Context(Protocol):
    """Of what Lambda tells of an invocation: its id, which no other has."""

    aws_request_id: str


class Ticking(Protocol):
    """What a turn asks of the rollout controller."""

    @property
    def store(self) -> RolloutStore: ...
    def tick(self, model: str) -> Tick: ...


def take_turn(event: Event, here: Ticking) -> dict[str, Any]:
    """
    `{"done", "wait", "turn"}`: whether that was the last, seconds until the next, and its number.

    `event` holds the model, the rollout, and what the turn before it came to, as `tick`.
    """
    turn = int(event.get("tick", {}).get("turn", 0)) + 1
    kept = here.store.load(event["model"])
    if kept is None or kept.state.rollout != event["rollout"]:
        return {"done": True, "wait": 0, "turn": turn}
    tick = here.tick(event["model"])
    return {"done": tick.done, "wait": math.ceil(tick.wait), "turn": turn}


@dataclass(frozen=True)
class Told:
    """What the function's environment says of names."""

    store_url: str
    ledger_table: str
    rollouts_table: str
    evidence_table: str
    outcomes_table: str
    functions: str

    def function(self, model: str) -> str:
        return f"{self.functions}{model}"


@cache
def told() -> Told:
    return Told(
        store_url=os.environ["WHERRY_STORE"],
        ledger_table=os.environ["WHERRY_LEDGER_TABLE"],
        rollouts_table=os.environ["WHERRY_ROLLOUTS_TABLE"],
        evidence_table=os.environ["WHERRY_EVIDENCE_TABLE"],
        outcomes_table=os.environ["WHERRY_OUTCOMES_TABLE"],
        functions=os.environ["WHERRY_FUNCTIONS"],
    )


@cache
def session() -> Any:
    import boto3  # of Lambda's own runtime

    return boto3.Session()


def composed(holder: str) -> RolloutController:
    return controller(
        session(), Gateway(session()), told(), holder=holder, clock=lambda: datetime.now(UTC)
    )


def handler(event: Event, context: Context) -> dict[str, Any]:
    return take_turn(event, composed(context.aws_request_id))
