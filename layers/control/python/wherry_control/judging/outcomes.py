"""
Outcomes: how much worse the candidate's mean outcome is, from counts, sums and sums of squares.

One side first. With x = (mean - y) / range, which is never below -1, and 0 < L < 1,

    exp(L * sum of x - (-log(1 - L) - L) * sum of x^2) <= product of 1 + L * x

(Fan, Grama & Liu, "Exponential inequalities for martingales with applications", EJP 2015), so the
left side is an e-process against "the mean is `mean` or more". It needs two sums only, and holds
for any number of outcomes. The usual asymptotic sequence (Waudby-Smith et al., "Time-uniform
central limit theory", 2024) is narrower but holds for many outcomes only, and a rollout begins with
few.

Both sides: if the harm is at most m, then for the true mean u of stable the candidate's is u - m or
more, so the product of the e-process against "stable's is at most u" and of the one against "the
candidate's is at least u - m" is an e-process. As nobody knows u, the least over all u is taken;
both factors are monotone in u, so a ladder of u bounds it from below exactly.

A stratum has a u of its own, and strata multiply. Adding their sums instead would compare stable's
morning with the candidate's evening.
"""

from collections.abc import Sequence
from math import log, log1p
from typing import NamedTuple

from wherry_control.evidence.counts import THOUSAND, Moments
from wherry_control.judging.mixing import log_mean

# Up to here each factor is monotone in the mean: 2 * (-log(1 - L) - L) <= L.
BETS = (0.01, 0.03, 0.08, 0.2, 0.5)
COSTS = tuple(-log1p(-each) - each for each in BETS)
RUNGS = 48


class Outcomes(NamedTuple):
    """Of one stratum; both in a unit in which more is better."""

    stable: Moments
    candidate: Moments

    @property
    def swapped(self) -> "Outcomes":
        """The same with both sides' places changed."""
        return Outcomes(self.candidate, self.stable)


def negated(told: Moments) -> Moments:
    """Of outcomes with their signs changed: less becomes more."""
    return Moments(told.count, -told.total, told.squares)


def outcome_evidence(strata: Sequence[Outcomes], margin: float, span: float) -> float:
    """
    Log e-value against "stable's mean is at most `margin` above the candidate's".

    `span` is the width of the range in which all outcomes lie.
    """
    return sum([_stratum_evidence(each, margin, span) for each in strata])


def _stratum_evidence(told: Outcomes, margin: float, span: float) -> float:
    """The least over stable's mean u, bounded from below rung by rung."""
    if not told.stable.count or not told.candidate.count:
        return _nothing_learnt(told)
    low, high = sorted((told.stable.mean, told.candidate.mean + margin))
    rungs = [low + (high - low) * each / RUNGS for each in range(RUNGS + 1)]
    stable = [_against_at_most(told.stable, each, span) for each in rungs]
    candidate = [_against_at_least(told.candidate, each - margin, span) for each in rungs]
    stable, candidate = [*stable, -log(2.0)], [-log(2.0), *candidate]
    return min(map(sum, zip(stable, candidate, strict=True)))


def _nothing_learnt(told: Outcomes) -> float:
    return -log(2.0) if told.stable.count or told.candidate.count else 0.0


def _against_at_least(told: Moments, mean: float, span: float) -> float:
    """Log e-value against "the mean is `mean` or more"; half of the coin is never bet."""
    total, squares = told.total / THOUSAND, told.squares / THOUSAND**2
    count = told.count
    drift = (count * mean - total) / span
    spread = (squares - 2.0 * mean * total + count * mean * mean) / span**2
    bets = [each * drift - cost * spread for each, cost in zip(BETS, COSTS, strict=True)]
    return log_mean([0.0, log_mean(bets)])


def _against_at_most(told: Moments, mean: float, span: float) -> float:
    return _against_at_least(negated(told), -mean, span)
