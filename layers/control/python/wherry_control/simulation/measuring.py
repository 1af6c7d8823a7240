"""
Every contender on the same runs, cell by cell: how often it rolls back, and after how much.

Each run has a generator of its own, seeded by the seed, its cell and its number, so that neither
the order nor the number of processes changes a figure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from numpy.random import default_rng

from wherry_control.simulation.contenders import Contender, usual
from wherry_control.simulation.ours import Ours
from wherry_control.simulation.scenarios import ERRORS, Cell
from wherry_control.simulation.traffic import Run, draw, looks


@dataclass(frozen=True)
class Found:
    """One rollback: after how many requests, how many of them the candidate's."""

    requests: int
    candidate: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One contender in one cell. Medians are over all runs; None where fewer than half were found.

    `most_candidate` is that of the slowest run; None if one run was never rolled back.
    """

    scenario: str
    kind: str
    weight: int
    per_minute: int
    contender: str
    runs: int
    rolled_back: int
    requests: float | None
    candidate: float | None
    most_candidate: int | None
    minutes: float | None


def contenders() -> tuple[Contender, ...]:
    """Ours first."""
    return Ours(), *usual(ERRORS)


def draw_run(cell: Cell, seed: int, number: int) -> Run:
    """The `number`-th run of a cell."""
    scenario = cell.scenario
    at = looks(
        cell.per_minute * cell.minutes, cell.per_minute, every=cell.every, growth=cell.growth
    )
    return draw(
        default_rng([seed, cell.key, number]),
        scenario.stable,
        scenario.candidate,
        weight=cell.weight / 100,
        per_minute=cell.per_minute,
        at=at,
    )


def middle(values: Iterable[float]) -> float | None:
    """The median; None if there are no values, or if it is infinite."""
    told = median([*values] or [inf])
    return None if told == inf else told


def watched(cell: Cell, seed: int, numbers: Iterable[int]) -> list[list[Found | None]]:
    """What each contender made of each of these runs."""
    told = []
    for number in numbers:
        run = draw_run(cell, seed, number)
        told.append([_found(run, each.first(run)) for each in contenders()])
    return told


def rows_of(cell: Cell, told: Sequence[Sequence[Found | None]]) -> Iterator[Row]:
    """One row a contender, of what each made of the runs."""
    for contender, found in zip(contenders(), zip(*told, strict=True), strict=True):
        most = max((inf if each is None else each.candidate) for each in found)
        requests = middle(inf if each is None else each.requests for each in found)
        yield Row(
            scenario=cell.scenario.name,
            kind=cell.scenario.kind,
            weight=cell.weight,
            per_minute=cell.per_minute,
            contender=contender.name,
            runs=len(found),
            rolled_back=sum(each is not None for each in found),
            requests=requests,
            candidate=middle(inf if each is None else each.candidate for each in found),
            most_candidate=None if most == inf else int(most),
            minutes=None if requests is None else requests / cell.per_minute,
        )


def _found(run: Run, look: int | None) -> Found | None:
    if look is None:
        return None
    return Found(int(run.requests[look]), int(run.candidate.requests[look]))
