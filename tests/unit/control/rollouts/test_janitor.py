"""Which versions the janitor lets go."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.fake_shadows import FakeShadows
from tests.support.ledger_contract import entry
from tests.support.rollout_store_contract import PLAN, state
from tests.support.rollout_world import FUNCTION, World
from wherry.errors import UsageError
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.gateway import Gateway, Stack
from wherry_control.rollouts.janitor import Janitor, Known, prunable

ALL = tuple(str(number) for number in range(1, 11))


def stack(version: str, status: str = "UPDATE_COMPLETE") -> Stack:
    return Stack("Wherry-dev-iris", status, {"Version": version})


def goes(keep: int = 2, **known: Any) -> tuple[str, ...]:
    return prunable(ALL, Known(**{"live": Traffic("10"), **known}), keep=keep).goes


def without(*kept: str) -> tuple[str, ...]:
    """All but the two newest and these."""
    return tuple(name for name in ALL[:-2] if name not in kept)


def test_the_newest_are_kept() -> None:
    assert goes(keep=3) == ALL[:-3]
    assert goes(keep=0) == ALL[:-1]
    assert goes(keep=99) == ()


@pytest.mark.parametrize(
    ("traffic", "kept"),
    [(Traffic("3"), ("3",)), (Traffic("3", "5", 10), ("3", "5"))],
)
def test_whatever_the_alias_names_is_kept(traffic: Traffic, kept: tuple[str, ...]) -> None:
    assert goes(live=traffic) == without(*kept)


def test_the_last_promoted_release_and_the_way_back_are_kept() -> None:
    """Also if somebody has moved the alias elsewhere meanwhile."""
    history = [
        entry(action="found", after=Traffic("1")),
        entry(action="promote", after=Traffic("2")),
        entry(action="promote", after=Traffic("4")),
    ]

    assert goes(history=history) == without("2", "4")


def test_a_shadow_is_kept() -> None:
    assert goes(shadow="3") == without("3")


def test_what_was_rolled_back_is_no_way_back() -> None:
    history = [
        entry(action="found", after=Traffic("1")),
        entry(action="promote", after=Traffic("2")),
        entry(action="rollback", after=Traffic("1")),
        entry(action="promote", after=Traffic("4")),
    ]

    assert goes(history=history) == without("1", "4")


def test_a_rollout_that_is_not_done_keeps_all_that_it_may_still_serve() -> None:
    running = state(stable="3", candidate="5", left=Traffic("3", "6", 10))

    assert goes(rollout=running) == without("3", "5", "6")
    assert goes(rollout=replace(running, phase="rolled_back")) == without()


def test_the_version_that_the_stack_names_is_kept() -> None:
    """CloudFormation would go back to it if the next deploy failed."""
    assert goes(stack=stack("4")) == without("4")


@pytest.mark.parametrize(
    "status",
    ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"],
)
def test_while_a_deploy_is_unfinished_nothing_goes(status: str) -> None:
    assert goes(stack=stack("10", status)) == ()


def test_why_each_one_is_kept_is_told() -> None:
    told = prunable(ALL, Known(live=Traffic("3"), stack=stack("9")), keep=2).kept

    assert told == {
        "3": "the alias names it",
        "9": "the stack published it last",
        "10": "one of the newest 2",
    }


def janitor(world: World, **parts: Any) -> Janitor:
    return Janitor(
        **{
            "functions": world.functions,
            "ledger": world.ledger,
            "shadows": FakeShadows(),
            "store": world.store,
            **parts,
        }
    )


def listed(world: World) -> list[str]:
    return [item.version for item in world.functions.versions(FUNCTION)]


def test_what_may_go_is_deleted_and_nothing_else() -> None:
    world = World()
    for version in ("4", "5", "6"):
        world.functions.publish(FunctionVersion(version))
    world.store.create(PLAN, state())

    told = janitor(world).prune("iris", FUNCTION, None, keep=1)

    assert told.goes == ("3", "4", "5")
    assert listed(world) == ["1", "2", "6"]


def test_a_dry_run_deletes_nothing_and_tells_the_same() -> None:
    world = World()

    told = janitor(world, dry_run=True).prune("iris", FUNCTION, None, keep=1)

    assert told == prunable(("1", "2", "3"), Known(live=Traffic("1")), keep=1)
    assert told.goes == ("2",)
    assert listed(world) == ["1", "2", "3"]


def test_a_version_that_got_traffic_meanwhile_is_kept() -> None:
    """AWS refuses to delete it, and that is no failure."""
    world = World()

    class MovedMeanwhile:
        def load(self, _model: str) -> None:
            world.hand(Traffic("1", "2", 10))

    read = world.functions.live(FUNCTION)

    class Late:
        """Lambda, of which the alias was read before that."""

        def __getattr__(self, name: str) -> Any:
            return (lambda _function: read) if name == "live" else getattr(world.functions, name)

    told = janitor(world, functions=Late(), store=MovedMeanwhile()).prune(
        "iris", FUNCTION, None, keep=1
    )

    assert told.goes == ()
    assert told.kept["2"] == "Lambda says that it is in use"
    assert "2" in listed(world)


@pytest.mark.parametrize("version", ["$LATEST", "", "live"])
def test_nothing_but_a_published_version_is_ever_deleted(version: str) -> None:
    """Without a version, DeleteFunction deletes the function."""
    no_session: Any = None

    with pytest.raises(UsageError):
        Gateway(no_session).delete(FUNCTION, version)
