"""All that `wherry simulate` tells: every contender in every cell, whole rollouts, the goals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from wherry_control.rollouts.plan import Plan
from wherry_control.simulation.effort import Effort
from wherry_control.simulation.goals import Goal, goals
from wherry_control.simulation.measuring import Row, rows_of, watched
from wherry_control.simulation.rollouts import Rollouts, rehearsed, summed_up
from wherry_control.simulation.scenarios import Cell, cells, rollout_cells

RUNS_PER_ROLLOUT = 10


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """
    The same seed and runs give the same.

    `rows` are every contender on the same traffic, at a fixed weight; `rollouts` go through a plan.
    """

    runs: int
    seed: int
    goals: tuple[Goal, ...]
    rows: tuple[Row, ...]
    rollouts: tuple[Rollouts, ...]

    @property
    def met(self) -> bool:
        return all(goal.met for goal in self.goals)


def simulate(effort: Effort, plan: Plan, per_minute: Sequence[int]) -> Simulated:
    """
    Every contender in every cell, and whole rollouts of a plan at each of these traffics.

    A rollout is as dear as many runs, so there are fewer of them.
    """
    rows = measure(effort, [*cells()])
    fewer = replace(effort, runs=max(effort.runs // RUNS_PER_ROLLOUT, 1))
    rollouts = rehearse(fewer, plan, per_minute)
    found = tuple(goals(rows, rollouts))
    return Simulated(
        runs=effort.runs, seed=effort.seed, goals=found, rows=tuple(rows), rollouts=tuple(rollouts)
    )


def measure(effort: Effort, wanted: Sequence[Cell]) -> list[Row]:
    """All rows, in the order of the cells and then of the contenders."""
    found = effort.of(wanted, watched)
    return [row for cell, told in zip(wanted, found, strict=True) for row in rows_of(cell, told)]


def rehearse(effort: Effort, plan: Plan, per_minute: Sequence[int]) -> list[Rollouts]:
    """Whole rollouts of one plan, of several candidates, at each of these traffics."""
    wanted = [*rollout_cells(per_minute, plan.judge.distance)]
    found = effort.of(wanted, partial(rehearsed, plan))
    return [summed_up(cell, told) for cell, told in zip(wanted, found, strict=True)]
