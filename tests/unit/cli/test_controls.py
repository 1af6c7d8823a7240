"""What `start` and `resume` do about who ticks a rollout."""

from types import SimpleNamespace
from typing import Any

from cli.compose import now
from cli.controls import Controls
from tests.support.rollout_world import World, nothing, started
from tests.support.state_machines import ARN, Machines
from wherry_control.rollouts.store import LEASE


def controls(world: World, machines: Machines) -> Controls:
    call: Any = SimpleNamespace(
        session=SimpleNamespace(client=lambda _service: machines),
        target=SimpleNamespace(runner_arn=ARN),
        dry_run=False,
    )
    return Controls(call, "iris", world.controller())


def test_a_resume_begins_a_ticker_only_where_none_ticks() -> None:
    world, machines = World(nothing), Machines()
    world.now = now()
    started(world)
    told = controls(world, machines)

    for _ in range(2):
        told.pause()
        told.resume()

    assert machines.names == [world.state.rollout]


def test_a_resume_of_what_nobody_has_ticked_for_too_long_begins_another() -> None:
    world, machines = World(nothing), Machines()
    world.now = now()
    world.later(-2 * LEASE)
    rollout = started(world).tick("iris").state.rollout
    told = controls(world, machines)
    told.resume()
    machines.statuses[rollout] = "SUCCEEDED"

    for _ in range(2):
        told.resume()

    assert machines.names == [rollout, f"{rollout}.2"]
