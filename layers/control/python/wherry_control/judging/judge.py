"""All metrics together: one verdict from the strata of a rollout."""

from collections.abc import Sequence

from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import INCONCLUSIVE, Judgement, Stratum


def judge(
    settings: JudgeSettings, strata: Sequence[Stratum], *, streak: int = 0, alone: bool = False
) -> Judgement:
    """
    The verdict at this moment; may be asked at every moment.

    `strata` are the steps so far, the current one last. `streak` is how many of the candidate's
    newest requests failed in a row. `alone` judges the candidate without stable: its share of
    errors and slow requests against the margins themselves; for a fix of a broken stable release,
    and for steps in which stable has no traffic.
    """
    del settings, strata, streak, alone
    return Judgement(INCONCLUSIVE, "the judge is not written yet")
