"""
Distribution: do both sides answer the same traffic alike, up to an allowed distance?

The claim under test is "the total variation between the candidate's answers and stable's is at most
d". It holds if, for every set A of bins, P(candidate answers in A) - P(stable answers in A) <= d;
one direction is enough, as the other one is that of the bins that are not in A.

For one set A, a request is worth X: 1/w if the candidate answered in A, -1/(1 - w) if stable did,
else 0. The mean of X is the difference above, so the product of 1 + L * (X - d) is a
supermartingale for every stake L that cannot lose more than it has. The mean over all 2^bins sets
is one too, and there it falls apart into a product over bins:

    product over bins of (in + out) / 2, where
    in  = (1 + L * (1/w - d))^candidate * (1 - L * (1/(1-w) + d))^stable,
    out = (1 - L * d)^(candidate + stable).

A bin that nobody has hit yet is a factor 1, so bins may appear at any time. Strata of other weights
multiply inside `in` and `out`, for it is the same set. A mean over a few L, and over the columns,
is again an e-value, so no alpha is split between them. Which columns a side records is its schema,
not a matter of what was asked, so columns that one side lacks are left out.

Jointly with bins of an input column it is the same test on more bins: the traffic is the same for
both sides since chance splits it, so what differs are the answers. That finds permuted classes
whose totals are unchanged.
"""

from collections.abc import Sequence
from math import exp, log, log1p
from typing import NamedTuple

from wherry_control.judging.mixing import STAKES, log_mean, stakes
from wherry_control.judging.verdicts import Stratum

CLEAR = 30.0  # beyond it, the smaller of two summands is below the precision of a float


class Rates(NamedTuple):
    """What a count adds to log(in / out), and to log(out); of one stake in one stratum."""

    candidate: float
    stable: float
    out: float


class Side(NamedTuple):
    """Counts of one stratum, in the order of all bins of the column."""

    candidate: list[int]
    stable: list[int]


def columns_of(strata: Sequence[Stratum]) -> list[str]:
    """The columns of which both sides have counts; `""` is the output by itself."""
    stable = {name for each in strata for name, bins in each.stable.pairs.items() if bins}
    candidate = {name for each in strata for name, bins in each.candidate.pairs.items() if bins}
    return sorted(stable & candidate)


def evidence_by_column(strata: Sequence[Stratum], distance: float) -> dict[str, float]:
    """Log e-values against "the distance is at most `distance`"; their mean is one too."""
    rates = [_rates(each.weight, distance) for each in strata]
    return {each: _evidence(_table(strata, each), rates) for each in columns_of(strata)}


def observed_distance(strata: Sequence[Stratum], column: str) -> float:
    """The total variation between what was counted: for people to read, not for any decision."""
    table = _table(strata, column)
    candidate = [sum(each) for each in zip(*[side.candidate for side in table], strict=True)]
    stable = [sum(each) for each in zip(*[side.stable for side in table], strict=True)]
    ours, theirs = sum(candidate), sum(stable)
    apart: list[float] = [
        abs(c / ours - s / theirs) for c, s in zip(candidate, stable, strict=True)
    ]
    return sum(apart) / 2.0


def _table(strata: Sequence[Stratum], column: str) -> list[Side]:
    pairs = [
        (each.candidate.pairs.get(column, {}), each.stable.pairs.get(column, {})) for each in strata
    ]
    bins = dict.fromkeys([name for both in pairs for side in both for name in side])
    return [Side(*([side.get(name, 0) for name in bins] for side in both)) for both in pairs]


def _rates(weight: float, distance: float) -> list[Rates]:
    gain, loss = 1.0 / weight - distance, 1.0 / (1.0 - weight) + distance
    told = []
    for stake in stakes(weight, loss):
        out = log1p(-stake * distance)
        told.append(Rates(log1p(stake * gain) - out, log1p(-stake * loss) - out, out))
    return told


def _evidence(table: Sequence[Side], rates: Sequence[Sequence[Rates]]) -> float:
    totals = [sum(side.candidate) + sum(side.stable) for side in table]
    logs = []
    for at in range(len(STAKES)):
        powers = [0.0] * len(table[0].stable)
        base = -log(2.0) * len(powers)
        for side, total, by_stake in zip(table, totals, rates, strict=True):
            ours, theirs, out = by_stake[at]
            rows = zip(powers, side.candidate, side.stable, strict=True)
            powers = [power + ours * c + theirs * s for power, c, s in rows]
            base += out * total
        logs.append(base + sum([p if p > CLEAR else log1p(exp(p)) for p in powers]))
    return log_mean(logs)
