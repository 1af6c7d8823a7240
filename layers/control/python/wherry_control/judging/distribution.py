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

Who fails or refuses does not answer. Only answers are counted, so a candidate that answers more
requests than stable has more of every bin: with shares of silence u, and q = w(1 - u of candidate)
+ (1 - w)(1 - u of stable), the mean of X is up to (u of stable - u of candidate) / q above d. Each
stratum's d is widened by that much, for stable may have been broken in one of them only; and never
narrowed, by which evidence only shrinks.

Jointly with bins of an input column it is the same test on more bins: the traffic is the same for
both sides since chance splits it, so what differs are the answers. That finds permuted classes
whose totals are unchanged. Yet bins of an input may be a release's own: a category that only the
candidate was trained on is `other` to stable. Where one side alone has a bin, and by chance would
not (`CERTAIN`), the column's d is widened by the share of such bins.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import exp, log, log1p
from typing import NamedTuple
from zlib import crc32

from wherry_control.evidence.counts import Counts
from wherry_control.judging.mixing import STAKES, log_mean, stakes
from wherry_control.judging.verdicts import Stratum

CERTAIN = 10.0  # one chance in 22,000, as a logarithm
CELLS = 32  # the share in each is told by some five hundred requests
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
    told = {}
    for column in columns_of(strata):
        wide = widened(strata, column)
        rates = [_rates(each.weight, distance + by) for each, by in zip(strata, wide, strict=True)]
        told[column] = _evidence(_table(strata, column), rates)
    return told


def widened(strata: Sequence[Stratum], column: str) -> list[float]:
    """By how much the distance is widened in each stratum."""
    own = _own_bins(strata, column)
    return [_answered_more(each) + by for each, by in zip(strata, own, strict=True)]


def widened_by(strata: Sequence[Stratum], column: str) -> float:
    """The same of all strata together, by how often the candidate answered in each."""
    answers = [sum(each.candidate.pairs.get(column, {}).values()) for each in strata]
    wide = widened(strata, column)
    whole = sum([by * count for by, count in zip(wide, answers, strict=True)])
    return whole / sum(answers) if whole else 0.0


def _answered_more(stratum: Stratum) -> float:
    """By how much more of its requests the candidate answers, as a share of all answers."""
    stable, candidate = silence(stratum.stable), silence(stratum.candidate)
    answered = stratum.weight * (1.0 - candidate) + (1.0 - stratum.weight) * (1.0 - stable)
    return max(0.0, stable - candidate) / answered if answered else 0.0


def silence(seen: Counts) -> float:
    """The share of what arrived that was refused or failed; 0 of nothing."""
    arrived = max(seen.requests, seen.failed) + seen.refusals
    return (seen.failed + seen.refusals) / arrived if arrived else 0.0


def _own_bins(strata: Sequence[Stratum], column: str) -> list[float]:
    """For each stratum, what share of a side fell into bins of the input that the other lacks."""
    stable_bins = _names([each.stable for each in strata], column)
    if not column or stable_bins == _names([each.candidate for each in strata], column):
        return [0.0] * len(strata)
    sides = [(_inputs(each.stable, column), _inputs(each.candidate, column)) for each in strata]
    stable = _lacking(
        [(-log1p(-each.weight), *both) for each, both in zip(strata, sides, strict=True)]
    )
    candidate = _lacking(
        [(-log(each.weight), *both[::-1]) for each, both in zip(strata, sides, strict=True)]
    )
    return [max(_share(one, stable), _share(other, candidate)) for one, other in sides]


def _names(seen: Sequence[Counts], column: str) -> set[str]:
    pairs = set().union(*[each.pairs.get(column, {}) for each in seen])
    return {name.partition("|")[0] for name in pairs}


def _inputs(seen: Counts, column: str) -> Counter[str]:
    told: Counter[str] = Counter()
    for name, count in seen.pairs.get(column, {}).items():
        told[name.partition("|")[0]] += count
    return +told  # without those that nobody hit


def _lacking(strata: Sequence[tuple[float, Counter[str], Counter[str]]]) -> set[str]:
    """The bins that one side has and the other has not; with how unlikely each hit makes that."""
    unlikely: Counter[str] = Counter()
    for each, has, _ in strata:
        unlikely.update({name: each * count for name, count in has.items()})
    known = {name for _, _, lacks in strata for name in lacks}
    return {name for name, sure in unlikely.items() if sure >= CERTAIN and name not in known}


def _share(bins: Counter[str], chosen: set[str]) -> float:
    return sum([bins[name] for name in chosen]) / bins.total() if chosen and bins else 0.0


def observed_distance(strata: Sequence[Stratum], column: str, *, coarse: bool = False) -> float:
    """
    The total variation between what was counted; of few requests it tends to be too large.

    Stable's shares are those that it would have had with the candidate's part of each stratum: the
    traffic of another hour is another mix. `coarse` counts the input's numbers by octaves, and
    throws more than CELLS pairs together: it needs fewer requests, and can only bring both nearer.
    """
    ours: defaultdict[str, float] = defaultdict(float)
    theirs: defaultdict[str, float] = defaultdict(float)
    for each in strata:
        candidate = each.candidate.pairs.get(column, {})
        stable = each.stable.pairs.get(column, {})
        there, here = sum(stable.values()), sum(candidate.values())
        if there and here:
            _add(ours, candidate, 1.0, coarse=coarse)
            _add(theirs, stable, here / there, coarse=coarse)
    total = sum(ours.values())
    if not total:
        return 1.0
    apart = {name: ours[name] - theirs[name] for name in {*ours, *theirs}}
    if coarse and len(apart) > CELLS:
        apart = folded(apart, CELLS)
    return sum(map(abs, apart.values())) / total / 2.0


def folded(apart: Mapping[str, float], cells: int) -> defaultdict[str, float]:
    """Many cells thrown together into a few, the same ones each time."""
    told: defaultdict[str, float] = defaultdict(float)
    for name, by in apart.items():
        told[str(crc32(name.encode()) % cells)] += by
    return told


def _add(
    into: defaultdict[str, float], bins: Mapping[str, int], weight: float, *, coarse: bool
) -> None:
    for name, count in bins.items():
        into[_octave(name) if coarse else name] += weight * count


@lru_cache(4096)
def _octave(pair: str) -> str:
    """The pair with the octave of its input's number, of which a bin is a quarter."""
    told, _, answer = pair.partition("|")
    sign, k = told[:1], told[1:]
    if sign in ("+", "-") and k.removeprefix("-").isdecimal():
        return f"{sign}{int(k) // 4}|{answer}"
    return pair


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
