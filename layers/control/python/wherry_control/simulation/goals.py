"""What the judge must reach, held against what was measured."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p

from wherry_control.judging.settings import JudgeSettings
from wherry_control.simulation.measuring import Row
from wherry_control.simulation.rollouts import Rollouts
from wherry_control.simulation.scenarios import (
    BEYOND,
    HALF_BROKEN,
    IDENTICAL,
    RETRAIN,
    SWAPPED_EVEN,
    SWAPPED_UNEVEN,
    WEIGHTS,
    WORSE,
)

FALSE_ROLLBACKS = 0.01
ALPHA = JudgeSettings().alpha
DOUBT = 0.05  # how unlikely a count must be before it shows that a rate is higher
HALF_BROKEN_REQUESTS = 100
SWAPPED_REQUESTS = 1000
OURS, Z_TEST, ALARM = "wherry", "z-test", "alarm"
AT = 10  # percent of the traffic, in the goals about a bad candidate


@dataclass(frozen=True)
class Goal:
    """One promise, and what was measured, in words."""

    name: str
    measured: str
    met: bool


def goals(rows: Sequence[Row], rollouts: Sequence[Rollouts] = ()) -> list[Goal]:
    """All promises about which these say something."""
    return [
        *_false(rows),
        *_half_broken(rows),
        *_swapped(rows),
        *_beyond(rollouts),
        *_promoted(rollouts),
    ]


def share(rows: Iterable[Row]) -> float:
    """Of all runs of these rows, those that were rolled back."""
    told = list(rows)
    return sum(row.rolled_back for row in told) / max(sum(row.runs for row in told), 1)


def passes_up_to(runs: int) -> float:
    """The largest share of so many runs that does not yet show that the rate is higher."""
    told = 0
    while _chance(told + 1, runs, FALSE_ROLLBACKS) > DOUBT:
        told += 1
    return told / runs


def _false(rows: Sequence[Row]) -> Iterator[Goal]:
    """
    By weight, all traffics together. It is missed if the runs show that the rate is above it.

    What one traffic hides in that sum is told beside it: the worst cell.
    """
    for name in (IDENTICAL, RETRAIN):
        told = [
            (
                share(found),
                sum(row.rolled_back for row in found),
                sum(row.runs for row in found),
                weight,
            )
            for weight in WEIGHTS
            if (found := _of(rows, OURS, name, weight=weight))
        ]
        if told:
            worst, count, runs, weight = max(told)
            cell = max(share([row]) for row in _of(rows, OURS, name))
            beside = f"z-test {share(_of(rows, Z_TEST, name)):.0%}"
            yield Goal(
                f"{name}: ≤ {FALSE_ROLLBACKS:.0%} rolled back",
                f"{worst:.1%} at {weight} %; cell {cell:.1%}; {beside}",
                _chance(count, runs, FALSE_ROLLBACKS) > DOUBT,
            )


def _chance(count: int, runs: int, rate: float) -> float:
    """Of so many or more of all runs, if each has this rate (binomial)."""
    whole = lgamma(runs + 1)
    fewer = (
        whole
        - lgamma(each + 1)
        - lgamma(runs - each + 1)
        + each * log(rate)
        + (runs - each) * log1p(-rate)
        for each in range(count)
    )
    return 1.0 - sum(map(exp, fewer))


def _half_broken(rows: Sequence[Row]) -> Iterator[Goal]:
    found = _of(rows, OURS, HALF_BROKEN, weight=AT)
    if found:
        most = max(inf if row.requests is None else row.requests for row in found)
        yield Goal(
            f"{HALF_BROKEN}: by {HALF_BROKEN_REQUESTS} requests",
            f"by {most:g}, at {AT} %",
            most <= HALF_BROKEN_REQUESTS,
        )


def _swapped(rows: Sequence[Row]) -> Iterator[Goal]:
    for name in (SWAPPED_EVEN, SWAPPED_UNEVEN):
        found = _of(rows, OURS, name)
        if found:
            alarms = sum(row.rolled_back for row in _of(rows, ALARM, name))
            most = max(inf if row.most_candidate is None else row.most_candidate for row in found)
            missed = sum(row.runs - row.rolled_back for row in found)
            yield Goal(
                f"{name}: by {SWAPPED_REQUESTS:,}, no alarm",
                f"{missed} missed" if missed else f"all by {most:,}; {alarms or 'no'} alarms",
                most <= SWAPPED_REQUESTS and not alarms,
            )


def _promoted(rollouts: Sequence[Rollouts]) -> Iterator[Goal]:
    """Rather no promotion than a wrong one: what is not known to be good has to wait."""
    bad = [each for each in rollouts if each.kind == WORSE and each.scenario not in BEYOND]
    if bad:
        worst = max(bad, key=lambda each: each.promoted / each.runs)
        part = worst.promoted / worst.runs
        yield Goal(
            "no other bad one promoted",
            f"{part:.0%} of {worst.scenario}" if part else "none",
            not part,
        )


def _beyond(rollouts: Sequence[Rollouts]) -> Iterator[Goal]:
    """Who is just too far away passes the proof of nearness as often as alpha says, at most."""
    found = [each for each in rollouts if each.scenario in BEYOND]
    if found:
        cells = [(each.promoted, each.runs, each.scenario) for each in found]
        count, runs, name = max(cells, key=lambda cell: cell[0] / cell[1])
        yield Goal(
            f"beyond distance: ≤ {ALPHA:.0%} promoted",
            f"{count / runs:.0%} of {name}, worst cell",
            all(_chance(promoted, tried, ALPHA) > DOUBT for promoted, tried, _ in cells),
        )


def _of(
    rows: Sequence[Row], contender: str, scenario: str, *, weight: int | None = None
) -> list[Row]:
    return [
        row
        for row in rows
        if (row.contender, row.scenario) == (contender, scenario) and weight in (None, row.weight)
    ]
