"""Counts of two releases in small, and one reading of a verdict."""

from typing import Any

from wherry_control.evidence.counts import Counts
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import Judgement, Reading, Stratum

SETTINGS = JudgeSettings()


def seen(requests: int, errors: int = 0, **more: Any) -> Counts:
    return Counts(requests=requests, errors={"model": errors} if errors else {}, **more)


def good(weight: float = 0.1, requests: int = 10_000) -> Stratum:
    ours = round(weight * requests)
    return Stratum(
        weight,
        seen(requests - ours, pairs=labels(requests - ours)),
        seen(ours, pairs=labels(ours)),
    )


def labels(requests: int, share: float = 0.5) -> dict[str, dict[str, int]]:
    first = round(requests * share)
    return {"": {"|a": first, "|b": requests - first}}


def reading(told: Judgement, metric: str) -> Reading:
    return next(each for each in told.readings if each.metric == metric)
