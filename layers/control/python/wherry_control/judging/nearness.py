"""
Nearness: proof that both sides answer alike, up to an allowed distance.

What is refuted is "the total variation of their answers is d or more": for some set A of answers,
P(candidate answers in A) - P(stable answers in A) >= d. With v the candidate's part of all answers,
an answer of the candidate is worth X = 1/(2v) in A and -1/(2v) outside, one of stable -1/(2(1 - v))
in A and 1/(2(1 - v)) outside. The mean of X is that difference, so for the right A, whoever bets
L * (d - X) owns a supermartingale. Which A is the right one nobody knows, and the poorest of all
these bettors is no richer than the right one: his fortune is an e-process against the claim, too.
For one L he is found answer by answer, since each is in A or outside, whichever costs him more. The
mean over a few L is taken of those.

The more answers there are, the more of the distance is chance, and the longer a proof takes: beyond
`ANSWERS_APART`, they are thrown together. v is the weight less what either side fails or refuses,
as far as that was counted.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import log1p

from wherry_control.judging.distribution import folded, silence, widened
from wherry_control.judging.mixing import MOST, log_mean
from wherry_control.judging.verdicts import Stratum

ANSWERS = ""  # the column of the answers by themselves
ANSWERS_APART = 12
# In units of distance * v * (1 - v): 4 is best for two that are alike, less for less alike ones.
BETS = (0.5, 2.0)


def nearness(strata: Sequence[Stratum], distance: float) -> float:
    """Log e-value against "what both answer is `distance`, or as much as allowed, apart"."""
    allowed = [distance + by for by in widened(strata, ANSWERS)]
    return log_mean([_poorest(strata, allowed, each) for each in BETS])


def _poorest(strata: Sequence[Stratum], allowed: Sequence[float], bet: float) -> float:
    """The log fortune of the set of answers that does worst with this bet."""
    inside: defaultdict[str, float] = defaultdict(float)
    outside: defaultdict[str, float] = defaultdict(float)
    for each, apart in zip(strata, allowed, strict=True):
        part = _part_of_answers(each)
        for seen, worth in ((each.candidate, 0.5 / part), (each.stable, -0.5 / (1.0 - part))):
            gain_inside, gain_outside = _gains(bet, part, apart, worth)
            for name, count in seen.pairs.get(ANSWERS, {}).items():
                inside[name] += gain_inside * count
                outside[name] += gain_outside * count
    if len(inside) > ANSWERS_APART:
        inside, outside = (folded(each, ANSWERS_APART) for each in (inside, outside))
    return sum([min(inside[name], outside[name]) for name in inside])


def _gains(bet: float, part: float, apart: float, worth: float) -> tuple[float, float]:
    """What an answer worth `worth` in A adds to the log fortune: in A, and outside."""
    most = 0.5 / min(part, 1.0 - part) - apart
    stake = bet * apart * part * (1.0 - part)
    stake = min(stake, MOST / most) if most > 0 else stake
    return log1p(stake * (apart - worth)), log1p(stake * (apart + worth))


def _part_of_answers(stratum: Stratum) -> float:
    """The candidate's part of all answers, if the traffic was split as asked."""
    candidate = stratum.weight * (1.0 - silence(stratum.candidate))
    stable = (1.0 - stratum.weight) * (1.0 - silence(stratum.stable))
    return candidate / (candidate + stable) if candidate and stable else stratum.weight
