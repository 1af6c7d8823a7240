"""
A rollout ticked from here: what `wherry rollout start --here` runs instead of a state machine.

It decides nothing. When AWS does not answer it says so and goes on with the next tick, as the state
machine would; a rollout that nobody ticks stays as it is, and any other tick goes on with it.
"""

from collections.abc import Callable

from wherry.errors import CloudError
from wherry_control.rollouts.controller import RolloutController, Tick
from wherry_control.rollouts.state import State

PATIENCE = 10  # ticks in a row that AWS may refuse


def run_here(
    controller: RolloutController,
    model: str,
    sleep: Callable[[float], object],
    tell: Callable[[Tick | CloudError], object],
) -> State:
    """
    Tick until the rollout is done, and return how it ended.

    `tell` gets each tick, or why there was none. CloudError is raised after PATIENCE of them in a
    row.
    """
    refused, wait = 0, 0.0
    while True:
        try:
            tick = controller.tick(model)
        except CloudError as error:
            refused += 1
            if refused == PATIENCE:
                raise
            tell(error)
        else:
            refused, wait = 0, tick.wait
            tell(tick)
            if tick.done:
                return tick.state
        sleep(wait or 5.0)
