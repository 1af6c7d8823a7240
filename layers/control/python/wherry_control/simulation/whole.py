"""All that `wherry simulate` tells: every contender in every cell, whole rollouts, the goals."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from wherry_control.rollouts.plan import Plan
from wherry_control.simulation.effort import Effort
from wherry_control.simulation.goals import Goal, goals
from wherry_control.simulation.measuring import Row, rows, watched
from wherry_control.simulation.rollouts import Rollouts, rehearsed, summed_up
from wherry_control.simulation.scenarios import Cell, rollout_cells


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """
    The same seed and runs give the same.

    `rows` are every contender on the same traffic, at a fixed weight; `rollouts` go through a plan.
    """

    runs: int
    seed: int
    goals: tuple[Goal, ...] = ()
    rows: tuple[Row, ...] = ()
    rollouts: tuple[Rollouts, ...] = ()

    @property
    def met(self) -> bool:
        return all(goal.met for goal in self.goals)


def measure(effort: Effort, cells: Sequence[Cell]) -> Simulated:
    """Every contender in these cells, and what that says of the goals."""
    told = [
        row
        for cell, found in zip(cells, effort.of(cells, watched), strict=True)
        for row in rows(cell, found)
    ]
    return Simulated(runs=effort.runs, seed=effort.seed, goals=tuple(goals(told)), rows=tuple(told))


def rehearse(effort: Effort, plan: Plan, per_minute: Sequence[int]) -> Simulated:
    """Whole rollouts of one plan, of several candidates, at each of these traffics."""
    cells = [*rollout_cells(per_minute)]
    found = effort.of(cells, partial(rehearsed, plan))
    told = (summed_up(cell, each) for cell, each in zip(cells, found, strict=True))
    return Simulated(runs=effort.runs, seed=effort.seed, rollouts=tuple(told))
