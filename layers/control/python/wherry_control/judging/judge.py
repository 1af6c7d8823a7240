"""
All metrics together: one verdict from the strata of a rollout.

Every metric's evidence is an e-process: it may be looked at after every request, and stopped on.
How alpha is split is in `levels`. To be promoted, errors and slow requests must be proven to be
below their margins, and the outcome too if one is declared; outputs must be proven to be near, and
counted to be so beside each column, and there must be some if stable has some; the split must be
what was asked for. That alone promotes nothing yet: a least number of requests and a least time are
a plan's.
"""

from collections.abc import Sequence

from wherry_control.evidence.counts import Counts
from wherry_control.judging.answer_readings import outcome, outputs
from wherry_control.judging.guards import platform, refusals, split, worst_kind
from wherry_control.judging.levels import ERRORS, SLOW, SPLIT
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.share_readings import alone as read_alone
from wherry_control.judging.share_readings import compared
from wherry_control.judging.verdicts import (
    FINE,
    INCONCLUSIVE,
    PROMOTE,
    ROLL_BACK,
    WORSE,
    Judgement,
    Reading,
    Stratum,
)


def judge(
    settings: JudgeSettings,
    strata: Sequence[Stratum],
    *,
    streak: int = 0,
    alone: bool = False,
    bounds: bool = True,
) -> Judgement:
    """
    The verdict at this moment; may be asked at every moment.

    `strata` are the steps so far, the current one last. `streak` is how many of the candidate's
    newest requests failed in a row. `alone` judges the candidate without stable: its share of
    errors and slow requests against the margins themselves; for a fix of a broken stable release,
    and for steps in which stable has no traffic.

    A comparison uses the strata in which both sides have traffic, 0 < weight < 1, and no others;
    alone, all requests of the candidate count. Without `bounds` the readings' `low` and `high` stay
    None, which is what takes most of the time; no verdict hangs on them.
    """
    if alone:
        return _alone(settings, strata, streak, bounds=bounds)
    both = [each for each in strata if 0.0 < each.weight < 1.0]
    if not both:
        return _stopped(settings, streak) or Judgement(INCONCLUSIVE, "nothing to compare yet")
    checked = split(both)
    readings = (
        *(compared(settings, metric, both, bounds=bounds) for metric in (ERRORS, SLOW)),
        outputs(settings, both),
        *((outcome(settings, both, bounds=bounds),) if settings.outcome else ()),
        platform(settings, both),
        refusals(settings, both),
        checked,
    )
    return _stopped(settings, streak, readings) or _verdict(readings)


def _alone(
    settings: JudgeSettings, strata: Sequence[Stratum], streak: int, *, bounds: bool
) -> Judgement:
    seen = sum([each.candidate for each in strata], Counts())
    readings = tuple(read_alone(settings, each, seen, bounds=bounds) for each in (ERRORS, SLOW))
    kind, count = worst_kind([seen])
    if count >= settings.platform_errors:
        return Judgement(ROLL_BACK, f"platform errors: candidate {count} times {kind}", readings)
    return _stopped(settings, streak, readings) or _verdict(readings)


def _stopped(
    settings: JudgeSettings, streak: int, readings: tuple[Reading, ...] = ()
) -> Judgement | None:
    if streak < settings.consecutive_errors:
        return None
    return Judgement(ROLL_BACK, f"the candidate's newest {streak} requests failed", readings)


def _verdict(readings: tuple[Reading, ...]) -> Judgement:
    worse = [each for each in readings if each.finding == WORSE]
    harm = [each.told for each in worse if each.metric != SPLIT]
    if harm:
        return Judgement(ROLL_BACK, "; ".join(harm), readings)
    if worse:
        return Judgement(INCONCLUSIVE, worse[0].told, readings)
    undecided = [each.metric for each in readings if each.finding != FINE]
    if undecided:
        return Judgement(INCONCLUSIVE, f"not decided yet: {', '.join(undecided)}", readings)
    proven = "; ".join(each.told for each in readings if each.margin is not None)
    return Judgement(PROMOTE, f"harm is below the margins: {proven}", readings)
