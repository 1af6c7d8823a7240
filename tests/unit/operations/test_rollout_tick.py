"""A turn of a rollout: the last of one that is over, or that is not the model's any more."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.operations.rollout_tick.handler import Parts, take_turn
from wherry_control.experiments.joining import ReleaseOutcomes
from wherry_control.judging.settings import JudgeSettings
from wherry_control.rollouts.controller import Tick
from wherry_control.rollouts.gathering import Gatherer
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import PREFLIGHT, PROMOTED, State
from wherry_control.rollouts.store import Kept

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
STATE = State(
    rollout="iris-2-x",
    model="iris",
    function="wherry-dev-iris",
    stable="1",
    candidate="2",
    phase=PREFLIGHT,
    started=NOON,
    since=NOON,
)
KEPT = Kept(Plan(steps=()), STATE, 1)
EVENT = {"model": "iris", "rollout": "iris-2-x", "seconds": 60}


@dataclass
class Ticking:
    """A controller whose turns come to `state`."""

    state: State = STATE
    ticked: list[str] = field(default_factory=list)

    def tick(self, model: str) -> Tick:
        self.ticked.append(model)
        return Tick(self.state, 60.5)


def turn(event: dict[str, Any], kept: Kept | None, ticking: Ticking) -> dict[str, Any]:
    return take_turn(event, lambda _: kept, lambda _: ticking)


def test_a_turn_says_how_long_to_wait_in_whole_seconds() -> None:
    """As the state machine takes them; rounded up, so that no turn comes too soon."""
    ticking = Ticking()

    assert turn(EVENT, KEPT, ticking) == {"done": False, "wait": 61, "turn": 1}
    assert ticking.ticked == ["iris"]


def test_turns_are_counted() -> None:
    event = {**EVENT, "tick": {"done": False, "wait": 61, "turn": 41}}

    assert turn(event, KEPT, Ticking())["turn"] == 42


def test_a_rollout_that_ended_is_done() -> None:
    assert turn(EVENT, KEPT, Ticking(replace(STATE, phase=PROMOTED)))["done"] is True


@pytest.mark.parametrize("kept", [None, replace(KEPT, state=replace(STATE, rollout="another"))])
def test_a_rollout_that_is_not_the_models_own_is_done_and_nothing_moves(kept: Kept | None) -> None:
    """A state machine that outlives its rollout must not tick the next one."""
    ticking = Ticking()

    assert turn(EVENT, kept, ticking)["done"] is True
    assert ticking.ticked == []


class Session:
    """No AWS is asked for a controller that is only made."""

    def client(self, service: str, **_: object) -> str:
        return service


@pytest.mark.parametrize("outcome", ["", "sale"])
def test_outcomes_are_read_only_where_they_judge(outcome: str) -> None:
    """Every prediction of a step is read for them."""
    nouns = ("ROLLOUTS", "EVIDENCE", "OUTCOMES", "LEDGER")
    told = {f"WHERRY_{noun}_TABLE": noun.lower() for noun in nouns}
    told |= {"WHERRY_STORE": "memory://", "WHERRY_FUNCTIONS": "wherry-dev-"}
    plan = Plan(steps=(), judge=JudgeSettings(outcome=outcome))

    made = Parts(Session(), told).controller(replace(KEPT, plan=plan), "me")

    assert isinstance(made.gather, Gatherer)
    assert isinstance(made.gather.outcomes, ReleaseOutcomes) is bool(outcome)
    assert made.function("iris") == "wherry-dev-iris"
    assert made.holder == "me"
