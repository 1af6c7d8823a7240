"""
Levels: how sure each metric must be.

A rollback needs one metric, so alpha is split between them: by `SHARES`, of which those of metrics
that are not in play go to the others. A promotion needs every metric, so each proves its part at
alpha itself: whoever is worse in one of them is let through by that one with a chance of alpha at
most.

The split has a level of its own; it rolls nothing back.
"""

from collections.abc import Mapping
from math import log

from wherry_control.judging.settings import JudgeSettings

ERRORS, SLOW, OUTPUTS, OUTCOME = "errors", "slow", "outputs", "outcome"
PLATFORM, REFUSALS, SPLIT = "platform", "refusals", "split"
SHARES: Mapping[str, float] = {
    ERRORS: 0.10,
    SLOW: 0.05,
    OUTPUTS: 0.34,
    OUTCOME: 0.20,
    PLATFORM: 0.30,
    REFUSALS: 0.01,
}
SPLIT_ALPHA = 0.001


def worse_from(settings: JudgeSettings, metric: str, *, alone: bool = False) -> float:
    """The log evidence from which a metric is worse."""
    played = {
        name: share
        for name, share in SHARES.items()
        if (name in {ERRORS, SLOW} if alone else name != OUTCOME or settings.outcome)
    }
    return -log(settings.alpha * played[metric] / sum(played.values()))


def fine_from(settings: JudgeSettings) -> float:
    """The log evidence from which a metric is fine."""
    return -log(settings.alpha)


def split_from() -> float:
    """The log evidence from which the traffic was not split as it was asked for."""
    return -log(SPLIT_ALPHA)
