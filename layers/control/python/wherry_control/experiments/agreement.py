"""
How far a shadow agrees with what the callers got, from its log lines.

A request counts once, however often its line came: its share of rows that are the same is one
number from 0 to 1. The interval of their mean holds at every moment at once, so that looking often
does no harm: the two-sided normal mixture (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon,
"Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021, eq. 14) for what is
sub-Gaussian with variance 1/4, as all that lies between 0 and 1 is (Hoeffding's lemma).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

ALPHA = 0.05
PROXY = 0.25  # variance of the widest thing between 0 and 1
TIGHTEST = 500  # requests at which the interval is about as narrow as such a one can be


@dataclass(frozen=True)
class Agreement:
    """
    Of one release with one stable one; `low` and `high` bound the mean agreement of requests.

    `failed` are requests that the shadow could not answer, which agree in nothing;
    `worst_difference` is the greatest between two numbers, None where there were none to compare.
    """

    stable: str
    release: str
    requests: int = 0
    rows: int = 0
    same: int = 0
    failed: int = 0
    agreement: float = 0.0
    low: float = 0.0
    high: float = 1.0
    worst_difference: float | None = None


def agreements(lines: Iterable[Mapping[str, Any]], alpha: float = ALPHA) -> list[Agreement]:
    """One for each pair of releases that `lines` tell of, the newest shadow first."""
    seen: set[str] = set()
    found: dict[tuple[str, str], Agreement] = {}
    for line in lines:
        told = _read(line)
        if told is None or told[0] in seen:
            continue
        of, pair, one = told
        seen.add(of)
        found[pair] = _added(found[pair], one) if pair in found else one
    whole = [_bounded(each, alpha) for each in found.values()]
    return sorted(whole, key=lambda each: (_number(each.release), each.stable), reverse=True)


def half_width(requests: int, alpha: float = ALPHA) -> float:
    """Half the interval of a mean of so many."""
    sure = -2 * math.log(alpha)
    rho = PROXY * TIGHTEST / (sure + math.log(sure + 1))
    grown = PROXY * requests + rho
    return math.sqrt(grown * math.log(grown / (rho * alpha * alpha))) / requests


def _read(line: Mapping[str, Any]) -> tuple[str, tuple[str, str], Agreement] | None:
    """What the line of a shadow says; None of any other line, or of one without rows."""
    match line:
        case {
            "message": "shadow",
            "of": str(of),
            "release": str(release),
            "stable_release": str(stable),
            "rows": int(rows),
            "same": int(same),
        } if 0 <= same <= rows > 0:
            worst, failed = line.get("max_difference"), "error" in line
            told = worst if isinstance(worst, int | float) and not failed else None
            one = Agreement(stable, release, 1, rows, same, int(failed), same / rows)
            return of, (stable, release), replace(one, worst_difference=told)
    return None


def _added(one: Agreement, other: Agreement) -> Agreement:
    """`agreement` is a sum until all are added."""
    worst = [each for each in (one.worst_difference, other.worst_difference) if each is not None]
    return replace(
        one,
        requests=one.requests + other.requests,
        rows=one.rows + other.rows,
        same=one.same + other.same,
        failed=one.failed + other.failed,
        agreement=one.agreement + other.agreement,
        worst_difference=max(worst, default=None),
    )


def _bounded(told: Agreement, alpha: float) -> Agreement:
    mean, half = told.agreement / told.requests, half_width(told.requests, alpha)
    return replace(told, agreement=mean, low=max(0.0, mean - half), high=min(1.0, mean + half))


def _number(release: str) -> int:
    return int(release) if release.isdigit() else 0
