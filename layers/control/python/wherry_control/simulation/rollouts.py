"""Many whole rollouts of one plan: how they end, after how long, and what users saw meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import PROMOTED, ROLLED_BACK
from wherry_control.simulation.measuring import middle
from wherry_control.simulation.rehearsal import Rehearsal, rehearse
from wherry_control.simulation.scenarios import Cell


@dataclass(frozen=True, kw_only=True)
class Rollouts:
    """
    The same plan and candidate, `runs` times. Minutes are medians of those that ended so.

    `candidate` are the requests that it had until the end, of which `failed` got an error and
    `slow` were over the SLO: medians of all. `first` is the first run, whole.
    """

    scenario: str
    kind: str
    per_minute: int
    runs: int
    promoted: int
    rolled_back: int
    minutes_to_promotion: float | None
    minutes_to_rollback: float | None
    candidate: float | None
    failed: float | None
    slow: float | None
    first: Rehearsal


def rehearsed(plan: Plan, cell: Cell, seed: int, numbers: Sequence[int]) -> list[Rehearsal]:
    """These runs of a plan; the cell's own weight and minutes are not looked at."""
    return [
        rehearse(plan, cell.scenario, per_minute=cell.per_minute, seed=(seed, cell.key, number))
        for number in numbers
    ]


def summed_up(cell: Cell, told: Sequence[Rehearsal]) -> Rollouts:
    """One value of all runs of a cell."""
    good, bad = ([each for each in told if each.phase == end] for end in (PROMOTED, ROLLED_BACK))
    return Rollouts(
        scenario=cell.scenario.name,
        kind=cell.scenario.kind,
        per_minute=cell.per_minute,
        runs=len(told),
        promoted=len(good),
        rolled_back=len(bad),
        minutes_to_promotion=middle(each.minutes for each in good),
        minutes_to_rollback=middle(each.minutes for each in bad),
        candidate=middle(each.candidate for each in told),
        failed=middle(each.failed for each in told),
        slow=middle(each.slow for each in told),
        first=told[0],
    )
