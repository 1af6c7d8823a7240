"""`wherry rollout rollback --to`: the way back that is left when all but Lambda is broken."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.ledger_contract import entry
from tests.support.rollout_world import World, nothing, started
from wherry.errors import CloudError, CredentialsError, RefusedError, UsageError
from wherry_control.controller import Rollouts
from wherry_control.functions import LATEST, Traffic


class Broken:
    """Whatever it is asked, AWS refuses."""

    def __init__(self, error: CloudError | None = None) -> None:
        self.error = error or CloudError("table", "ResourceNotFoundException")

    def __getattr__(self, name: str) -> Any:
        def fail(*_given: object) -> None:
            raise self.error

        return fail


class OnlyTheAlias(Broken):
    """Lambda, where nothing but the alias may be read and moved."""

    def __init__(self, functions: Any) -> None:
        super().__init__()
        self.calls: list[str] = []
        self._functions = functions

    def live(self, function: str) -> Any:
        self.calls.append("live")
        return self._functions.live(function)

    def move(self, function: str, wanted: Traffic, *, revision: str) -> Any:
        self.calls.append("move")
        return self._functions.move(function, wanted, revision=revision)


def broken(world: World, error: CloudError | None = None) -> Rollouts:
    none: Any = Broken(error)
    return replace(world.by_hand(), ledger=none, store=none)


@pytest.mark.parametrize("at", [Traffic("2"), Traffic("2", "3", 10), Traffic("1", "2", 50)])
def test_it_is_one_look_and_one_move_where_nothing_else_works(at: Traffic) -> None:
    world = World()
    world.hand(at)
    alias: Any = OnlyTheAlias(world.functions)

    outcome = replace(broken(world), functions=alias).rollback("iris", to="1")

    assert outcome.moved
    assert alias.calls == ["live", "move"]
    assert world.traffic == Traffic("1")
    assert "the ledger does not know it yet" in outcome.warning


def test_it_is_written_down_and_ends_the_rollout_where_that_can_be() -> None:
    world = World(nothing)
    started(world).tick("iris")

    outcome = world.by_hand().rollback("iris", to="3")

    assert (outcome.moved, outcome.warning) == (True, "")
    assert world.history[-1] == ("rollback", Traffic("3"))
    assert (world.state.phase, world.state.done) == ("rolled_back", True)


def test_to_stable_in_the_preflight_it_ends_the_rollout() -> None:
    world = World(nothing)
    started(world)

    outcome = world.by_hand().rollback("iris", to="1")

    assert (outcome.moved, outcome.ended) == (False, world.state.rollout)
    assert world.state.phase == "rolled_back"


def test_to_where_all_traffic_is_already_it_says_so_and_that_a_rollout_may_run() -> None:
    outcome = broken(World()).rollback("iris", to="1")

    assert not outcome.moved
    assert "a rollout that runs was not ended" in outcome.warning


def test_a_dry_run_moves_nothing() -> None:
    world = World()

    outcome = replace(world.by_hand(), dry_run=True).rollback("iris", to="2")

    assert (outcome.moved, outcome.change.after) == (False, Traffic("2"))
    assert world.functions.moves == []


@pytest.mark.parametrize("release", [LATEST, "live", "", "²"])
def test_only_a_published_release_is_a_way_back(release: str) -> None:
    with pytest.raises(UsageError, match="--to"):
        World().by_hand().rollback("iris", to=release)


def test_the_candidate_on_trial_is_no_way_back() -> None:
    world = World()
    world.hand(Traffic("1", "2", 10))

    with pytest.raises(RefusedError, match="`wherry rollout promote iris`"):
        world.by_hand().rollback("iris", to="2")


@pytest.mark.parametrize("part", ["ledger", "store"])
def test_at_rest_an_error_of_a_table_names_the_way_that_needs_none(part: str) -> None:
    world = World()
    world.ledger.append(entry(action="found", after=Traffic("3")))
    none: Any = Broken()

    with pytest.raises(CloudError, match="`wherry rollout rollback iris --to RELEASE` needs no"):
        replace(world.by_hand(), **{part: none}).rollback("iris")


def test_who_has_no_credentials_is_not_sent_a_way_that_needs_them_too() -> None:
    error = CredentialsError("table", "the AWS credentials have expired", "Sign in again.")

    with pytest.raises(CredentialsError) as told:
        broken(World(), error).rollback("iris")

    assert "--to" not in str(told.value)
