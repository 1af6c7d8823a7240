"""
Counts: what one release did in some span, as whole numbers that add exactly in any order.

Everything here is a count, so that merging two spans is addition, and adding nothing changes
nothing. It knows no store and no clock, and decides nothing.

A request counts once: `requests` are the predictions that were answered or that failed. What the
caller must mend (4xx) is in `refusals` alone: it is nobody's fault here. `outputs` and `inputs`
count rows, for people to look at. `pairs` is what is tested: one row of each request, since the
rows of a request share its release and are no independent draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

# Who told of an error: the model's own answer (5xx), or Lambda, which our code does not outlive.
MODEL, INIT, TIMEOUT, MEMORY, CRASH = "model", "init", "timeout", "memory", "crash"
PLATFORM = (INIT, TIMEOUT, MEMORY, CRASH)
THOUSAND = 1000  # outcomes are kept in thousandths, so that their sums are whole numbers

Bins = Mapping[str, int]


@dataclass(frozen=True)
class Moments:
    """Outcomes of one metric: how many, their sum, and the sum of their squares, in thousandths."""

    count: int = 0
    total: int = 0
    squares: int = 0

    @classmethod
    def of(cls, value: float) -> "Moments":
        """One outcome; `value` is rounded to a thousandth."""
        told = round(value * THOUSAND)
        return cls(1, told, told * told)

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.count + other.count, self.total + other.total, self.squares + other.squares
        )

    @property
    def mean(self) -> float:
        """In the metric's own unit; NaN of none."""
        return self.total / self.count / THOUSAND if self.count else float("nan")


@dataclass(frozen=True)
class Counts:
    """
    See the module docstring.

    `errors` is by kind. `latency` is in bins of `wherry.sketch`, of milliseconds. `outputs` and
    `inputs` are by name, then by bin. `pairs` is by input column, then by
    `<input bin>|<output bin>`; the column `""` pairs nothing with the output. `outcomes` is by
    metric.
    """

    requests: int = 0
    refusals: int = 0
    slow: int = 0
    errors: Bins = field(default_factory=dict)
    latency: Bins = field(default_factory=dict)
    outputs: Mapping[str, Bins] = field(default_factory=dict)
    inputs: Mapping[str, Bins] = field(default_factory=dict)
    pairs: Mapping[str, Bins] = field(default_factory=dict)
    outcomes: Mapping[str, Moments] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            **{
                item.name: _sum(getattr(self, item.name), getattr(other, item.name))
                for item in fields(self)
            }
        )

    @property
    def failed(self) -> int:
        """Requests that ended in an error of any kind."""
        return sum(self.errors.values())

    def to_plain(self) -> dict[str, Any]:
        """As JSON holds it; what is zero or empty is left out."""
        told = {item.name: getattr(self, item.name) for item in fields(self)}
        told["outcomes"] = {
            name: [each.count, each.total, each.squares] for name, each in self.outcomes.items()
        }
        return {name: value for name, value in told.items() if value}

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> "Counts":
        """The inverse of `to_plain`."""
        outcomes = {name: Moments(*each) for name, each in told.get("outcomes", {}).items()}
        return cls(**{**told, "outcomes": outcomes})


@dataclass(frozen=True)
class Minute:
    """What one release did in the minute that begins `at` (UTC)."""

    at: datetime
    release: str
    counts: Counts


@dataclass(frozen=True)
class Evidence:
    """
    What both releases did since the current step began.

    `streak` is how many of the candidate's newest requests failed in a row, as far as minutes tell.
    `missing` says in words which sources are missing or late; then nothing may be promoted.
    """

    stable: Counts = Counts()
    candidate: Counts = Counts()
    streak: int = 0
    missing: tuple[str, ...] = ()


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping):
        told = dict(one)
        for name, value in other.items():
            told[name] = _sum(told[name], value) if name in told else value
        return told
    return one + other
