"""
Harm: how much larger the candidate's share of hits is than stable's; proven from above and below.

Each request of either side is worth X: 1/weight if the candidate got it and it was a hit, -1/(1 -
weight) if stable got it and it was a hit, else 0. The mean of X is the harm. Whoever bets L * (m -
X) on each request starts with one coin and owns the product of 1 + L * (m - X); that is a
supermartingale if the harm is m or more, and it depends on the counts alone, not on their order
(Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting", JRSS B 2024). The
product is averaged over a few L.

Alone, a candidate's share itself is what is bounded: X is 1 for a hit and 0 for none.
"""

from collections.abc import Callable, Sequence
from math import log1p

from wherry_control.judging.mixing import STAKES, log_mean, stakes
from wherry_control.judging.tallies import Tally

STEPS = 20  # halvings of a range of 2: bounds are good to two millionths
# Of what can be lost at most, where no weight sets the scale.
FRACTIONS = (0.03, 0.1, 0.3, 0.6, 0.95)
TINY = 1e-9  # a margin of nothing, or of everything, leaves nothing to bet on


def below(tallies: Sequence[Tally], margin: float) -> float:
    """Log e-value against "the harm is `margin` or more": evidence that it is below."""
    logs = [0.0] * len(STAKES)
    for weight, stable, stable_hits, candidate, candidate_hits in tallies:
        rest = stable + candidate - stable_hits - candidate_hits
        loss, gain = 1.0 / weight - margin, 1.0 / (1.0 - weight) + margin
        for at, stake in enumerate(stakes(weight, loss)):
            logs[at] += (
                candidate_hits * log1p(-stake * loss)
                + stable_hits * log1p(stake * gain)
                + rest * log1p(stake * margin)
            )
    return log_mean(logs)


def above(tallies: Sequence[Tally], margin: float) -> float:
    """Log e-value against "the harm is `margin` or less"."""
    return below([each.swapped for each in tallies], -margin)


def alone_below(requests: int, hits: int, margin: float) -> float:
    """Log e-value against "the share of hits is `margin` or more"."""
    share = _open(margin)
    return _alone(requests - hits, hits, share / (1.0 - share))


def alone_above(requests: int, hits: int, margin: float) -> float:
    """Log e-value against "the share of hits is `margin` or less"."""
    share = _open(margin)
    return _alone(hits, requests - hits, (1.0 - share) / share)


def _open(share: float) -> float:
    return min(max(share, TINY), 1.0 - TINY)


def _alone(won: int, lost: int, odds: float) -> float:
    return log_mean([won * log1p(each * odds) + lost * log1p(-each) for each in FRACTIONS])


def highest(against: Callable[[float], float], threshold: float, least: float) -> float:
    """
    The upper end of a confidence sequence up to 1: the least margin that is refuted.

    `against` is the evidence against "this or more", which grows with the margin.
    """
    low, high = least, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if against(middle) >= threshold else (middle, high)
    return high
