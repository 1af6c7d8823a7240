"""A turn of a rollout: the last of one that is over, or that is not the model's any more."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.operations.rollout_tick.handler import take_turn
from wherry_control.rollouts.controller import Tick
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
EVENT = {"model": "iris", "rollout": "iris-2-x"}


@dataclass
class Ticking:
    """A controller of the rollout `kept`, whose turns come to `state`."""

    kept: Kept | None = KEPT
    state: State = STATE
    ticked: list[str] = field(default_factory=list)

    @property
    def store(self) -> Any:
        return self

    def load(self, _model: str) -> Kept | None:
        return self.kept

    def tick(self, model: str) -> Tick:
        self.ticked.append(model)
        return Tick(self.state, 60.5)


def test_a_turn_says_how_long_to_wait_in_whole_seconds() -> None:
    """As the state machine takes them; rounded up, so that no turn comes too soon."""
    ticking = Ticking()

    assert take_turn(EVENT, ticking) == {"done": False, "wait": 61, "turn": 1}
    assert ticking.ticked == ["iris"]


def test_turns_are_counted() -> None:
    event = {**EVENT, "tick": {"done": False, "wait": 61, "turn": 41}}

    assert take_turn(event, Ticking())["turn"] == 42


def test_a_rollout_that_ended_is_done() -> None:
    assert take_turn(EVENT, Ticking(state=replace(STATE, phase=PROMOTED)))["done"] is True


@pytest.mark.parametrize("kept", [None, replace(KEPT, state=replace(STATE, rollout="another"))])
def test_a_rollout_that_is_not_the_models_own_is_done_and_nothing_moves(kept: Kept | None) -> None:
    """A state machine that outlives its rollout must not tick the next one."""
    ticking = Ticking(kept)

    assert take_turn(EVENT, ticking)["done"] is True
    assert ticking.ticked == []
