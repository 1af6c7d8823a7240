"""
Time, taken so that a noisy machine is unjust to nobody: all candidates take turns in every round.

Each is compared with fp32 of the same round, and only those ratios are judged. Milliseconds are of
this machine, and a hint. A candidate is run by the very session that serves.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np

from models.preparation.optimizing.measured import BASE, Cell, Speed, Timing
from models.preparation.optimizing.subject import Clock, Made, Progress
from models.preparation.sources.source import Values
from wherry.session import Session

BATCHES = (1, 100)
LOADS = (5, 30)  # at least, at most
ROUNDS = (7, 400)
SHARE_OF_LOADS = 0.2
VISIT = 0.002  # seconds that one visit of a cell aims at
CALLS = 40  # of one visit, at most
MILLI = 1000.0

Run = Callable[[Values], object]
Load = Callable[[int], Run]  # by the number of threads


@dataclass(frozen=True)
class Timer:
    clock: Clock
    seconds: float
    progress: Progress

    def spent(self, act: Callable[[], object]) -> float:
        start = self.clock()
        act()
        return self.clock() - start


def load_of(made: Made) -> Load:
    """How a session of it is made, and run."""

    def load(threads: int) -> Run:
        session = Session(made.model, threads=threads, optimized=made.optimized)
        names = list(session.outputs)
        return lambda feeds: session.run(names, feeds)

    return load


def feeds_of(rows: Values, batch: int) -> dict[str, np.ndarray]:
    """So many rows at once, over again where there are fewer."""
    total = len(next(iter(rows.values())))
    picked = np.arange(batch) % total
    return {name: np.ascontiguousarray(array[picked]) for name, array in rows.items()}


def speeds(
    entries: Mapping[str, Load], rows: Values, threads: Sequence[int], timer: Timer
) -> dict[str, Speed]:
    """By name; `entries` hold fp32, which the others are compared with."""
    timer.progress(f"timing {len(entries)} models side by side for {timer.seconds:g} s")
    loads = _loads(entries, timer)
    cells = [(number, batch) for number in threads for batch in BATCHES]
    calls = _calls(entries, rows, cells, timer)
    return {
        name: Speed(
            loads[name],
            tuple(Cell(*cell, _timing(calls[cell], name)) for cell in cells),
        )
        for name in entries
    }


Rounds = list[dict[str, list[float]]]  # of each round, what each took, in seconds


def _loads(entries: Mapping[str, Load], timer: Timer) -> dict[str, Timing]:
    rounds: Rounds = []
    for _ in _rounds(LOADS, SHARE_OF_LOADS, timer):
        names = _turned(list(entries), len(rounds))
        rounds.append({name: [timer.spent(partial(entries[name], 1))] for name in names})
    return {name: _timing(rounds, name) for name in entries}


def _calls(
    entries: Mapping[str, Load],
    rows: Values,
    cells: Sequence[tuple[int, int]],
    timer: Timer,
) -> dict[tuple[int, int], Rounds]:
    feeds = {batch: feeds_of(rows, batch) for batch in BATCHES}
    runs = {
        name: {number: load(number) for number in {number for number, _ in cells}}
        for name, load in entries.items()
    }
    told: dict[tuple[int, int], Rounds] = {cell: [] for cell in cells}
    for number in _rounds(ROUNDS, 1 - SHARE_OF_LOADS, timer):
        for threads, batch in cells:
            visits = {
                name: _visit(partial(runs[name][threads], feeds[batch]), timer)
                for name in _turned(list(entries), number)
            }
            told[threads, batch].append(visits)
    return told


def _visit(run: Callable[[], object], timer: Timer) -> list[float]:
    """One call that warms up, and then as many as fit."""
    first = timer.spent(run)
    wanted = max(1, min(CALLS, round(VISIT / max(first, VISIT / CALLS))))
    return [timer.spent(run) for _ in range(wanted)]


def _rounds(bounds: tuple[int, int], share: float, timer: Timer) -> Iterator[int]:
    least, most = bounds
    end = timer.clock() + share * timer.seconds
    for number in count():
        if number >= most or (number >= least and timer.clock() >= end):
            return
        yield number


def _turned(names: list[str], number: int) -> list[str]:
    """Another one begins in each round: who comes first finds the caches cold."""
    at = number % len(names)
    return names[at:] + names[:at]


def _timing(rounds: Rounds, name: str) -> Timing:
    calls = MILLI * np.concatenate([each[name] for each in rounds])
    ratios = [float(np.median(each[name]) / np.median(each[BASE])) for each in rounds]
    p50, p99 = np.quantile(calls, (0.5, 0.99))
    lower, ratio, upper = np.quantile(ratios, (0.25, 0.5, 0.75))
    return Timing(*map(float, (p50, p99, ratio, lower, upper)))
