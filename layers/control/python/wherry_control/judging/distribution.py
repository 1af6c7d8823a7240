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

from collections.abc import Iterator, Sequence
from itertools import starmap
from math import exp, log, log1p
from operator import mul

from wherry_control.evidence.counts import Bins
from wherry_control.judging.mixing import STAKES, log_mean, stakes
from wherry_control.judging.verdicts import Stratum

CLEAR = 30.0  # beyond it, the smaller of two summands is below the precision of a float
FULL = 1e250


def columns_of(strata: Sequence[Stratum]) -> list[str]:
    """The columns of which both sides have counts; `""` is the output by itself."""
    stable = {name for each in strata for name, bins in each.stable.pairs.items() if bins}
    candidate = {name for each in strata for name, bins in each.candidate.pairs.items() if bins}
    return sorted(stable & candidate)


def column_evidence(strata: Sequence[Stratum], column: str, distance: float) -> float:
    """Log e-value against "the distance is at most `distance`", by one column."""
    weights = [each.weight for each in strata]
    rows, totals = _table(strata, column)
    logs = []
    for rates, floors in _rates(weights, distance):
        base = sum(map(mul, totals, floors))
        logs.append(base + _log_product(rows, rates) - len(rows) * log(2.0))
    return log_mean(logs)


def observed_distance(strata: Sequence[Stratum], column: str) -> float:
    """The total variation between what was counted: for people to read, not for any decision."""
    rows, _ = _table(strata, column)
    candidate = [sum(row[::2]) for row in rows]
    stable = [sum(row[1::2]) for row in rows]
    ours, theirs = sum(candidate), sum(stable)
    return sum([abs(c / ours - s / theirs) for c, s in zip(candidate, stable, strict=True)]) / 2.0


def _table(strata: Sequence[Stratum], column: str) -> tuple[list[list[int]], list[int]]:
    """By bin: candidate and stable of each stratum in turn; and the requests of each stratum."""
    width = 2 * len(strata)
    rows: dict[str, list[int]] = {}
    totals = []
    for at, stratum in enumerate(strata):
        total = 0
        for place, bins in enumerate(_sides(stratum, column), 2 * at):
            for name, count in bins.items():
                if name not in rows:
                    rows[name] = [0] * width
                rows[name][place] += count
                total += count
        totals.append(total)
    return list(rows.values()), totals


def _sides(stratum: Stratum, column: str) -> tuple[Bins, Bins]:
    return stratum.candidate.pairs.get(column, {}), stratum.stable.pairs.get(column, {})


def _rates(weights: Sequence[float], distance: float) -> Iterator[tuple[list[float], list[float]]]:
    """By stake: what a count adds to log(in / out), in the order of a row; and log(out)."""
    told = [_stratum_rates(each, distance) for each in weights]
    for at in range(len(STAKES)):
        yield [rate for each in told for rate in each[at][:2]], [each[at][2] for each in told]


def _stratum_rates(weight: float, distance: float) -> list[tuple[float, float, float]]:
    gain, loss = 1.0 / weight - distance, 1.0 / (1.0 - weight) + distance
    return list(starmap(_stake_rates, ((gain, loss, distance, L) for L in stakes(weight, loss))))


def _stake_rates(
    gain: float, loss: float, distance: float, stake: float
) -> tuple[float, float, float]:
    out = log1p(-stake * distance)
    return log1p(stake * gain) - out, log1p(-stake * loss) - out, out


def _log_product(rows: Sequence[Sequence[int]], rates: Sequence[float]) -> float:
    """Sum over rows of log(1 + in / out); few logarithms, as it is asked often."""
    total, product = 0.0, 1.0
    for row in rows:
        power = sum(map(mul, row, rates))
        if power > CLEAR:
            total += power
            continue
        product *= 1.0 + exp(power)
        if product > FULL:
            total, product = total + log(product), 1.0
    return total + log(product)
