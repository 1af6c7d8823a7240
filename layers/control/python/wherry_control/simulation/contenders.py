"""
What else could decide, on the very same traffic: the usual ways, each as it is usually set up.

They know errors alone, since that is what they are fed in practice. None is ours, and none is made
worse than it is: where a setting is a matter of taste, the docstring says which and why.
"""

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wherry_control.simulation.traffic import Ints, Run

Floats = NDArray[np.float64]


class Contender(Protocol):
    """Something that rolls back, or does not."""

    @property
    def name(self) -> str: ...

    def first(self, run: Run) -> int | None:
        """The look at which it rolls the run back; None if it never does."""
        ...


@dataclass(frozen=True)
class RepeatedZTest:
    """A two-sided z-test of two error rates, at each look: what looking at a p-value comes to."""

    level: float = 0.05
    name: str = "z-test"

    def first(self, run: Run) -> int | None:
        """Pooled variance (Fleiss, Statistical Methods for Rates and Proportions, 1981)."""
        stable, candidate = run.stable, run.candidate
        with np.errstate(divide="ignore", invalid="ignore"):
            pooled = (stable.errors + candidate.errors) / run.requests
            spread = pooled * (1 - pooled) * (1 / stable.requests + 1 / candidate.requests)
            higher = candidate.errors / candidate.requests - stable.errors / stable.requests
            z = higher / np.sqrt(spread)
        return _first(np.nan_to_num(z, nan=0.0, posinf=0.0) > _critical(self.level))


@dataclass(frozen=True)
class FixedThreshold:
    """More than `share` of the candidate's requests fail, once there are enough of them."""

    share: float = 0.05
    least: int = 50
    name: str = "fixed"

    def first(self, run: Run) -> int | None:
        candidate = run.candidate
        over = candidate.errors > self.share * candidate.requests
        return _first(over & (candidate.requests >= self.least))


@dataclass(frozen=True)
class AliasAlarm:
    """
    CodeDeploy's way: an alarm on the alias' `Errors`, which adds up both releases.

    It goes off when the errors of the last `minutes` are `sigmas` standard deviations over what
    stable usually makes in them, and over `least`: set by somebody who knows the usual rate, as
    tight as it can be without going off by itself. (The alarm of AWS's own examples, errors > 0,
    would go off by stable's errors alone.)
    """

    usual: float
    minutes: int = 5
    sigmas: float = 5.0
    least: int = 5
    name: str = "alarm"

    def first(self, run: Run) -> int | None:
        ends = run.minutes
        told = (run.stable.errors + run.candidate.errors)[ends]
        recent = told - np.concatenate([np.zeros(self.minutes, np.int64), told])[: len(told)]
        mean = self.usual * run.per_minute * self.minutes
        limit = max(mean + self.sigmas * sqrt(mean), self.least)
        return _at(ends, _first(recent > limit))


@dataclass(frozen=True)
class MannWhitney:
    """
    Kayenta's way: error rates by minute of both releases, compared by their ranks.

    Judged each half hour over all minutes so far, at its usual confidence of 0.98 (two-sided), by
    the normal approximation with ties. Its tolerance for small effects is left out: it only delays.
    """

    every: int = 30
    confidence: float = 0.98
    name: str = "kayenta"

    def first(self, run: Run) -> int | None:
        ends = run.minutes
        stable, candidate = (
            _rates(each.requests[ends], each.errors[ends]) for each in (run.stable, run.candidate)
        )
        for minute in range(self.every, len(ends) + 1, self.every):
            ours, theirs = (each[:minute] for each in (candidate, stable))
            p = mann_whitney(ours[~np.isnan(ours)], theirs[~np.isnan(theirs)])
            if p < (1 - self.confidence) / 2:
                return int(ends[minute - 1])
        return None


def mann_whitney(ours: Floats, theirs: Floats) -> float:
    """
    The one-sided p-value of `ours` being larger (Mann & Whitney 1947), with ties and continuity.

    1 where nothing can be said.
    """
    n, m = len(ours), len(theirs)
    _, where, ties = np.unique(
        np.concatenate([ours, theirs]), return_inverse=True, return_counts=True
    )
    middle = np.cumsum(ties) - (ties - 1) / 2
    u = float(middle[where][:n].sum()) - n * (n + 1) / 2
    total = n + m
    shrunk = total + 1 - float((ties**3 - ties).sum()) / max(total * (total - 1), 1)
    spread = sqrt(max(n * m * shrunk / 12, 0.0))
    return erfc((u - n * m / 2 - 0.5) / spread / sqrt(2)) / 2 if spread else 1.0


def usual(error_rate: float) -> tuple[Contender, ...]:
    """All of them; `error_rate` is what stable usually has."""
    return RepeatedZTest(), AliasAlarm(error_rate), MannWhitney(), FixedThreshold()


def _critical(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - level / 2)


def _rates(requests: Ints, errors: Ints) -> Floats:
    """By minute; NaN where nothing came."""
    arrived, failed = np.diff(requests, prepend=0), np.diff(errors, prepend=0)
    return np.where(arrived > 0, failed / np.maximum(arrived, 1), np.nan)


def _first(true: NDArray[np.bool_]) -> int | None:
    return int(true.argmax()) if true.any() else None


def _at(ends: Ints, minute: int | None) -> int | None:
    return None if minute is None else int(ends[minute])
