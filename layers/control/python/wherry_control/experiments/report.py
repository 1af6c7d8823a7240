"""
The report of an experiment: who was in it, whether the split can be trusted, and what it shows.

One value for the terminal, the page, JSON and the console; `reporting` makes it. The unit is the
subject, since the predictions of one subject are no independent draws. Each has one value:

- of a `rate`: the sum of what was told of the subject's predictions; of whom nothing was told, 0;
- of a `value`: the mean of what was told; of whom nothing was told is left out.

A subject that was seen in two arms (a share was changed meanwhile) is in neither, and is counted.
The chance of ever telling a difference that is none is `ALPHA`, all arms together; of ever
distrusting a split that is right, `SPLIT_ALPHA`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from wherry_control.experiments.analysis import Interval

ALPHA = 0.05
SPLIT_ALPHA = 0.01
RATE: Final = "rate"
VALUE: Final = "value"
HIGHER: Final = "higher"
LOWER: Final = "lower"
Kind = Literal["rate", "value"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is compared: arms with their shares (of any sum) to the control, by one metric."""

    model: str
    experiment: str
    metric: str
    shares: Mapping[str, float]
    control: str
    kind: Kind = RATE
    better: Better = HIGHER


@dataclass(frozen=True)
class Arm:
    """
    `share` is what was asked for, `seen` what it got of the subjects: both 0 to 1.

    `counted` subjects have a value, `mean` is theirs; None of none.
    """

    name: str
    share: float
    seen: float
    subjects: int
    predictions: int
    counted: int
    mean: float | None


@dataclass(frozen=True)
class Split:
    """The split is `wrong` when `evidence` reaches `threshold`, both natural logarithms."""

    wrong: bool
    evidence: float
    threshold: float
    told: str


@dataclass(frozen=True)
class Point:
    """What is known of the subjects that had come by the end of the day that begins at `day`."""

    day: datetime
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """
    One arm against the control; `interval` is None while it is too early.

    `lift` is the difference as a share of the control's mean; None where that is 0. `days` is how
    the interval became what it is.
    """

    arm: str
    interval: Interval | None
    lift: float | None
    told: str
    days: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    `is_share`: each subject's value is 0 to 1, so that means are shares.

    `verdict` is plain sentences, the most important first; `notes` are what to know of them.
    """

    model: str
    experiment: str
    metric: str
    kind: Kind
    better: Better
    is_share: bool
    control: str
    since: datetime
    until: datetime
    alpha: float
    arms: tuple[Arm, ...]
    split: Split
    comparisons: tuple[Comparison, ...]
    verdict: tuple[str, ...]
    notes: tuple[str, ...]
    moved: int
    unknown: int
    repeated: int
