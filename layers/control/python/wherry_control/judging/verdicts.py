"""What a judge says: one reading a metric, and one verdict of all."""

from dataclasses import dataclass
from typing import Final, Literal

from wherry_control.evidence.counts import Counts

ROLL_BACK: Final = "roll_back"
PROMOTE: Final = "promote"
INCONCLUSIVE: Final = "inconclusive"
WORSE: Final = "worse"
FINE: Final = "fine"
OPEN: Final = "open"
Verdict = Literal["roll_back", "promote", "inconclusive"]
Finding = Literal["worse", "fine", "open"]


@dataclass(frozen=True)
class Stratum:
    """What both releases did while the candidate had `weight` of the traffic (0 to 1)."""

    weight: float
    stable: Counts
    candidate: Counts


@dataclass(frozen=True)
class Reading:
    """
    What one metric says. It is worse when `evidence` reaches `threshold`, both natural logarithms.

    `low` and `high` bound the harm (candidate minus stable, in the unit of `margin`) at every
    moment at once; None where the metric gives no bound. `told` is one plain sentence.
    """

    metric: str
    finding: Finding
    evidence: float
    threshold: float
    margin: float | None = None
    low: float | None = None
    high: float | None = None
    told: str = ""


@dataclass(frozen=True)
class Judgement:
    """The verdict, why, and every reading."""

    verdict: Verdict
    reason: str
    readings: tuple[Reading, ...] = ()
