"""What a rollout intends: steps of growing weight, how it is judged, and when it gives up."""

from dataclasses import dataclass, field
from typing import Final, Literal

from wherry_control.judging.settings import JudgeSettings

HOLD: Final = "hold"
ROLL_BACK: Final = "roll_back"
Fallback = Literal["hold", "roll_back"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """`weight` percent to the candidate, until it has had `requests` and `minutes` have passed."""

    weight: float
    requests: int = 100
    minutes: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    The table `[rollout]` of a model.toml, whole and checked.

    No steps: all traffic at once, after the preflight. A step of weight 100 leaves stable without
    traffic, so that the candidate is judged alone; another step leads to it by proof only, since
    nothing can be compared in it. At the deadline a rollout is held for `hold_minutes` and then
    rolled back, or rolled back at once; it is never promoted by the clock.
    """

    steps: tuple[Step, ...]
    judge: JudgeSettings = field(default_factory=JudgeSettings)
    deadline_minutes: float = 1440.0
    at_deadline: Fallback = "roll_back"
    hold_minutes: float = 720.0
    tick_seconds: int = 60
    smoke_requests: int = 20
    golden_tolerance: float = 1e-4
