"""
What can be said of arms at any moment, however often somebody looks. Pure, standard library only.

Differences: the Gaussian-mixture asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
Kennedy and Ramdas ("Time-uniform central limit theory and asymptotic confidence sequences", Annals
of Statistics 2024), with a variance for each arm. It is asymptotic, so nothing is said before
`FEWEST` subjects in both arms; and since few subjects of a rare or skewed metric show too little of
its variance, an arm's is never taken to be smaller than that of both arms together (what a z-test
pools). `tests/functional/control/test_experiments_simulated.py` shows what it is worth.

The split: the sequential multinomial test (`judging.dirichlet`), on subjects.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wherry_control.evidence.counts import THOUSAND, Moments
from wherry_control.judging.dirichlet import multinomial_evidence

FEWEST = 100  # subjects of each arm, before an interval is told
TIGHTEST = 5_000  # subjects at which the interval is as narrow as such an interval can be
MOST = 10**9  # subjects; who would need more is told nothing
CONCENTRATION = 1_000.0  # subjects; so it looks for splits that are off by a few percent


@dataclass(frozen=True)
class Interval:
    """A difference of means, arm minus control, and what bounds it at every moment at once."""

    difference: float
    low: float
    high: float

    @property
    def shows(self) -> bool:
        """Whether no difference at all is ruled out."""
        return self.low > 0 or self.high < 0


def compare(control: Moments, arm: Moments, alpha: float) -> Interval | None:
    """
    The interval at 1 - `alpha`; of moments of subjects, one value each.

    None while either arm has too few subjects, or all of both have the same value.
    """
    if min(control.count, arm.count) < FEWEST:
        return None
    spread = _spread(control, arm)
    if not spread:
        return None
    half = _half(spread, control.count + arm.count, alpha)
    difference = arm.mean - control.mean
    return Interval(difference, difference - half, difference + half)


def needed(control: Moments, arm: Moments, alpha: float, effect: float) -> int:
    """
    About how many more subjects make the interval narrow enough to show `effect` (above 0).

    As they now come to the two arms, and as they now vary; `MOST` if it would be as many or more.
    """
    now, spread = control.count + arm.count, _spread(control, arm)
    low, high = now, now
    while high < MOST and _half(spread * now / high, high, alpha) > effect:
        low, high = high, high * 2
    while high - low > max(1, high // 1000):
        middle = (low + high) // 2
        enough = _half(spread * now / middle, middle, alpha) <= effect
        low, high = (low, middle) if enough else (middle, high)
    return min(high - now, MOST)


def split_evidence(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Log e-value against "subjects came to the arms by these shares", above 0, sum 1."""
    return multinomial_evidence(counts, shares, CONCENTRATION)


def _half(spread: float, count: int, alpha: float) -> float:
    """Half the interval; `spread` is the variance of the difference of `count` subjects."""
    grown = count * _rate(alpha) + 1
    wide = 2 * grown / (grown - 1) * math.log(math.sqrt(grown) / alpha)
    return math.sqrt(spread * wide)


def _rate(alpha: float) -> float:
    """Rho squared of the paper: nearly the one that is narrowest at `TIGHTEST` subjects."""
    sure = -2 * math.log(alpha)
    return (sure + math.log(sure + 1)) / TIGHTEST


def _spread(control: Moments, arm: Moments) -> float:
    """The variance of the difference of the means."""
    both = _variance(control + arm)
    return sum(max(_variance(each), both) / each.count for each in (control, arm))


def _variance(of: Moments) -> float:
    """Between subjects, without bias; whole numbers, so that nothing is lost in the difference."""
    about = of.count * of.squares - of.total * of.total
    return about / of.count / (of.count - 1) / THOUSAND**2
