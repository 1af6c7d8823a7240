"""
Traffic as Lambda's alias splits it: each request goes to the candidate with probability `weight`.

A run is drawn in one go: how many requests went where between any two looks is binomial, how many
of those failed or were slow too, and what was answered is multinomial. Nothing is lost by that: a
judge sees counts alone. Requests come evenly; a rate that goes up and down is not modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from wherry_control.evidence.counts import MODEL, Counts
from wherry_control.simulation.answers import COLUMNS, Answers

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One release: the share of its requests that fail, of those that are slow, what it answers."""

    errors: float
    slow: float
    answers: Answers


@dataclass(frozen=True)
class Series:
    """What one release did up to each look: `pairs` by column, a table look by bin."""

    requests: Ints
    errors: Ints
    slow: Ints
    keys: Mapping[str, tuple[str, ...]]
    pairs: Mapping[str, Ints]

    def counts(self, look: int) -> Counts:
        """All of it up to one look, as the judge takes it."""
        failed = int(self.errors[look])
        pairs = {
            column: dict(zip(keys, self.pairs[column][look].tolist(), strict=True))
            for column, keys in self.keys.items()
        }
        return Counts(
            requests=int(self.requests[look]),
            slow=int(self.slow[look]),
            errors={MODEL: failed} if failed else {},
            pairs={
                column: {key: count for key, count in told.items() if count}
                for column, told in pairs.items()
            },
        )


@dataclass(frozen=True, kw_only=True)
class Run:
    """
    One run: `requests` of both releases together up to each look, and what either did by then.

    `per_minute` requests come in each minute.
    """

    weight: float
    per_minute: int
    requests: Ints
    stable: Series
    candidate: Series

    @cached_property
    def minutes(self) -> Ints:
        """The looks at which a whole minute ended, in order."""
        return np.flatnonzero(self.requests % self.per_minute == 0)


def looks(requests: int, per_minute: int, *, every: int, growth: float) -> Ints:
    """
    When to look: after each of the first `every` requests, then when there are `growth` more.

    And at the end of each minute. At most `requests`, which are whole minutes.
    """
    fine = np.arange(1, min(every, requests) + 1)
    steps = int(np.log(max(requests / every, 1)) / np.log1p(growth)) + 1
    later = (every * (1 + growth) ** np.arange(1, steps + 1)).astype(np.int64)
    ends = np.arange(per_minute, requests + 1, per_minute)
    told = np.union1d(np.union1d(fine, later), ends)
    return told[told <= requests].astype(np.int64)


def draw(
    generator: Generator,
    stable: Behaviour,
    candidate: Behaviour,
    *,
    weight: float,
    per_minute: int,
    at: Ints,
) -> Run:
    """One run, looked at after each number of requests in `at`."""
    arrived = np.diff(at, prepend=0)
    to_candidate = generator.binomial(arrived, weight)
    return Run(
        weight=weight,
        per_minute=per_minute,
        requests=at,
        stable=series(generator, stable, arrived - to_candidate),
        candidate=series(generator, candidate, to_candidate),
    )


def series(generator: Generator, behaviour: Behaviour, arrived: Ints) -> Series:
    """One release: what came of the requests that arrived before each look."""
    failed = generator.binomial(arrived, behaviour.errors)
    answered = arrived - failed
    slow = generator.binomial(answered, behaviour.slow)
    answers = behaviour.answers
    cells = generator.multinomial(answered, answers.joint.ravel()).cumsum(axis=0)
    keys, pairs = _marginals(answers, cells.reshape(-1, *answers.joint.shape))
    return Series(arrived.cumsum(), failed.cumsum(), slow.cumsum(), keys, pairs)


def _marginals(
    answers: Answers, cells: Ints
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, Ints]]:
    """The tables of `Counts.pairs`: each column with the answer, and the answer alone as ""."""
    keys = {"": tuple(f"|{name}" for name in answers.names)}
    pairs = {"": cells.sum(axis=(1, 2))}
    for axis, column in enumerate(COLUMNS):
        bins = range(cells.shape[axis + 1])
        keys[column] = tuple(f"{each}|{name}" for each in bins for name in answers.names)
        pairs[column] = cells.sum(axis=2 - axis).reshape(len(cells), -1)
    return keys, pairs
