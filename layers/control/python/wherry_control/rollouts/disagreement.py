"""
What a candidate's shadow says of it before its first live request. Pure.

A model with permuted classes answers as often with each class as stable does, and what the judge
counts of live traffic may hardly tell the two apart. On identical inputs they differ in plain
sight. The bound is that of `wherry shadow report`, at the plan's `alpha`: it holds however often
somebody looks, and so it holds at a preflight too.
"""

from typing import Final

from wherry_control.experiments.agreement import Agreement, half_width
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.told import percent
from wherry_control.judging.verdicts import (
    FINE,
    INCONCLUSIVE,
    OPEN,
    ROLL_BACK,
    WORSE,
    Finding,
    Judgement,
    Reading,
)

SHADOW: Final = "shadow"
LOOK = (
    "`wherry shadow report {model} --since 30d` tells more; if it is meant to answer otherwise, "
    "allow it a greater distance under [rollout.judge]"
)


def judge_shadow(told: Agreement, settings: JudgeSettings, model: str) -> Judgement:
    """
    Roll back if it is proven that more than `distance` of the requests are answered otherwise.

    Nothing else is decided by it: a shadow that agrees promotes nobody. The reading has no evidence
    and no threshold, which are logarithms: its words, `low`, `high` and `margin` are shares.
    """
    share, half = 1 - told.agreement, half_width(told.requests, settings.alpha)
    low, high = max(0.0, share - half), min(1.0, share + half)
    finding = _finding(low, high, settings.distance)
    words = (
        f"{SHADOW}: of {told.requests:,} compared with release {told.stable}, {percent(share)} "
        f"differ ({percent(low)} to {percent(high)}), allowed {percent(settings.distance)}"
    )
    words += f"; {told.failed:,} failed" if told.failed else ""
    words += "; too few to tell" if finding == OPEN else ""
    reading = Reading(SHADOW, finding, 0.0, 0.0, settings.distance, low, high, words)
    if finding == WORSE:
        return Judgement(ROLL_BACK, f"{words}. {LOOK.format(model=model)}", (reading,))
    return Judgement(INCONCLUSIVE, words, (reading,))


def no_shadow(why: str, settings: JudgeSettings) -> Judgement:
    """Where there is nothing to judge, which is said and holds nothing up."""
    words = f"{SHADOW}: {why}"
    reading = Reading(SHADOW, OPEN, 0.0, 0.0, settings.distance, told=words)
    return Judgement(INCONCLUSIVE, words, (reading,))


def _finding(low: float, high: float, distance: float) -> Finding:
    if low > distance:
        return WORSE
    return FINE if high <= distance else OPEN
