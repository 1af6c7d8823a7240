"""Readings of what ails requests: errors and slow ones, beside stable or alone."""

from collections.abc import Callable, Sequence
from functools import partial

from wherry_control.evidence.counts import Counts
from wherry_control.judging.harm import above, alone_above, alone_below, below, highest
from wherry_control.judging.levels import ERRORS, fine_from, worse_from
from wherry_control.judging.multinomial import ratio_evidence
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.tallies import both, tallies_of
from wherry_control.judging.told import part, percent
from wherry_control.judging.verdicts import FINE, OPEN, WORSE, Finding, Reading, Stratum

Against = Callable[[float], float]


def compared(
    settings: JudgeSettings, metric: str, strata: Sequence[Stratum], *, bounds: bool
) -> Reading:
    """
    The candidate's share of hits against stable's.

    Worse is told by which side hits come from, which shows a difference sooner than the bounds
    do: `low` may still be below zero.
    """
    tallies = tallies_of(strata, _hits(metric))
    worse, fine, margin = (
        worse_from(settings, metric),
        fine_from(settings),
        _margin(settings, metric),
    )
    evidence, upper = ratio_evidence(tallies), partial(below, tallies)
    low = high = None
    if bounds:
        low = -highest(lambda harm: above(tallies, -harm), worse, -1.0)
        high = highest(upper, fine, -1.0)
    found = finding(is_worse=evidence >= worse, is_fine=upper(margin) >= fine)
    told = f"{_name(metric)}: {both(tallies)}"
    return Reading(metric, found, evidence, worse, margin, low, high, told)


def alone(settings: JudgeSettings, metric: str, seen: Counts, *, bounds: bool) -> Reading:
    """The candidate's share of hits against the margin itself."""
    hits = _hits(metric)(seen)
    requests, margin = max(seen.requests, hits), _margin(settings, metric)
    worse, fine = worse_from(settings, metric, alone=True), fine_from(settings)
    evidence, upper = alone_above(requests, hits, margin), partial(alone_below, requests, hits)
    low = high = None
    if bounds:
        low = 1.0 - highest(partial(alone_below, requests, requests - hits), worse, 0.0)
        high = highest(upper, fine, 0.0)
    found = finding(is_worse=evidence >= worse, is_fine=upper(margin) >= fine)
    told = f"{_name(metric)}: candidate {part(hits, requests)}, allowed {percent(margin)}"
    return Reading(metric, found, evidence, worse, margin, low, high, told)


def finding(*, is_worse: bool, is_fine: bool) -> Finding:
    """Worse goes first: a share can be proven larger and its harm small, both at once."""
    return WORSE if is_worse else FINE if is_fine else OPEN


def _hits(metric: str) -> Callable[[Counts], int]:
    return (lambda seen: seen.failed) if metric == ERRORS else (lambda seen: seen.slow)


def _margin(settings: JudgeSettings, metric: str) -> float:
    return settings.error_margin if metric == ERRORS else settings.slow_margin


def _name(metric: str) -> str:
    return "errors" if metric == ERRORS else "slow requests"
