"""Readings of what is answered: the distribution of outputs, and outcomes that came back."""

from collections.abc import Sequence
from functools import partial

from wherry_control.evidence.counts import Moments
from wherry_control.judging.distribution import (
    evidence_by_column,
    observed_distance,
    widened_by,
)
from wherry_control.judging.harm import highest
from wherry_control.judging.levels import OUTCOME, OUTPUTS, fine_from, worse_from
from wherry_control.judging.mixing import log_mean
from wherry_control.judging.nearness import ANSWERS, nearness
from wherry_control.judging.outcomes import Outcomes, negated, outcome_evidence
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.share_readings import finding
from wherry_control.judging.told import percent
from wherry_control.judging.verdicts import OPEN, Reading, Stratum

LOWER = "lower"


def outputs(settings: JudgeSettings, strata: Sequence[Stratum]) -> Reading:
    """
    Do both sides answer the same traffic alike?

    Worse is proven. Fine is that the answers by themselves are proven to differ by less than is
    allowed, and that what was counted beside every column differs by no more: a count of few
    requests differs more than what it counts, so that thin traffic stays open. It stays open, too,
    while only one side has answers, or neither has been asked.
    """
    threshold, margin = worse_from(settings, OUTPUTS), settings.distance
    by_column = evidence_by_column(strata, margin)
    if not by_column:
        found = finding(is_worse=False, is_fine=_silent(strata))
        told = "outputs: nothing of both sides to compare"
        return Reading(OUTPUTS, found, 0.0, threshold, margin, told=told)
    evidence = log_mean(list(by_column.values()))
    allowed = {each: min(margin + widened_by(strata, each), 1.0) for each in by_column}
    most = max(by_column, key=by_column.__getitem__)
    where = f" beside {most!r}" if most else ""
    seen = {each: observed_distance(strata, each, coarse=True) for each in by_column}
    told = f"outputs: answers{where} differ by {percent(seen[most])}"
    told += f", allowed {percent(allowed[most])}"
    near = all(seen[each] <= allowed[each] for each in by_column)
    fine = near and (ANSWERS not in by_column or nearness(strata, margin) >= fine_from(settings))
    found = finding(is_worse=evidence >= threshold, is_fine=fine)
    if near and found == OPEN:
        told += ", not proven yet"
    return Reading(OUTPUTS, found, evidence, threshold, margin, told=told)


def outcome(settings: JudgeSettings, strata: Sequence[Stratum], *, bounds: bool) -> Reading:
    """How much worse the candidate's mean outcome is. Nothing came back: it stays open."""
    seen = [_outcomes(settings, each) for each in strata]
    swapped = [each.swapped for each in seen]
    span = settings.outcome_range[1] - settings.outcome_range[0]
    worse, fine, margin = (
        worse_from(settings, OUTCOME),
        fine_from(settings),
        settings.outcome_margin,
    )
    evidence = outcome_evidence(seen, margin, span)
    upper = partial(_scaled, swapped, span)
    low = high = None
    if bounds:
        low = -span * highest(partial(_scaled, seen, span), worse, -1.0)
        high = span * highest(upper, fine, -1.0)
    found = finding(is_worse=evidence >= worse, is_fine=upper(margin / span) >= fine)
    told = f"{settings.outcome}: {_means(settings, strata)}"
    return Reading(OUTCOME, found, evidence, worse, margin, low, high, told)


def _scaled(seen: Sequence[Outcomes], span: float, harm: float) -> float:
    return outcome_evidence(seen, -harm * span, span)


def _outcomes(settings: JudgeSettings, stratum: Stratum) -> Outcomes:
    name = settings.outcome
    told = Outcomes(
        stratum.stable.outcomes.get(name, Moments()),
        stratum.candidate.outcomes.get(name, Moments()),
    )
    if settings.outcome_better == LOWER:
        return Outcomes(negated(told.stable), negated(told.candidate))
    return told


def _means(settings: JudgeSettings, strata: Sequence[Stratum]) -> str:
    name, none = settings.outcome, Moments()
    stable = sum([each.stable.outcomes.get(name, none) for each in strata], none)
    candidate = sum([each.candidate.outcomes.get(name, none) for each in strata], none)
    return (
        f"candidate {_mean(candidate)}, stable {_mean(stable)}; {settings.outcome_better} is better"
    )


def _mean(told: Moments) -> str:
    return f"{told.mean:.4g} of {told.count:,}" if told.count else "none yet"


def _silent(strata: Sequence[Stratum]) -> bool:
    """Requests came, and this model's outputs are not recorded."""
    asked = any(each.candidate.requests for each in strata)
    return asked and not any(each.stable.pairs or each.candidate.pairs for each in strata)
