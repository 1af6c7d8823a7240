"""Our judge as a contender: the very function that decides on AWS, asked at look after look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from wherry_control.judging.judge import judge
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import ROLL_BACK, Judgement, Reading, Stratum
from wherry_control.simulation.traffic import Run

NEAR = 0.5  # of a threshold: from here on, every look counts


class Judge(Protocol):
    """The signature of `wherry_control.judging.judge.judge`, as far as it is used here."""

    def __call__(
        self, settings: JudgeSettings, strata: Sequence[Stratum], *, bounds: bool
    ) -> Judgement: ...


@dataclass(frozen=True)
class Ours:
    """
    All metrics at once, alpha split between them as in production, preflight off.

    While every reading is below half its threshold, it looks again when there are `quiet` more
    requests, else at every look: what evidence needs to get from a half to the whole takes longer.
    """

    settings: JudgeSettings = field(default_factory=JudgeSettings)
    quiet: float = 0.05
    judge: Judge = judge
    name: str = "wherry"

    def first(self, run: Run) -> int | None:
        look = 0
        while look < len(run.requests):
            told = self.judge(self.settings, [stratum(run, look)], bounds=False)
            if told.verdict == ROLL_BACK:
                return look
            look = max(look + 1, self._after_quiet(run, look, told))
        return None

    def _after_quiet(self, run: Run, look: int, told: Judgement) -> int:
        if strongest(told.readings) >= NEAR:
            return look + 1
        enough = int(run.requests[look] * (1 + self.quiet))
        return int(np.searchsorted(run.requests, enough))


def stratum(run: Run, look: int) -> Stratum:
    """All that both did up to one look; the weight was the same all the time."""
    return Stratum(run.weight, run.stable.counts(look), run.candidate.counts(look))


def strongest(readings: Iterable[Reading]) -> float:
    """The evidence that is nearest its threshold, as a share of it."""
    return max((each.evidence / each.threshold for each in readings), default=0.0)
