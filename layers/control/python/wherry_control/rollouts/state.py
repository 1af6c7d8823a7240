"""
Where a rollout is: all that the next decision needs beside the plan and new evidence.

It is a value: the store keeps it as JSON, and a controller that was killed goes on from it. A
transition that moves the alias is written down here as `pending` before the alias is moved, so that
whoever comes next knows which move was meant.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from wherry_control.functions import Traffic
from wherry_control.judging.verdicts import Judgement, Stratum
from wherry_control.ledger import Entry

PREFLIGHT: Final = "preflight"
STEP: Final = "step"
HELD: Final = "held"
PROMOTED: Final = "promoted"
ROLLED_BACK: Final = "rolled_back"
Phase = Literal["preflight", "step", "held", "promoted", "rolled_back"]
ENDED = (PROMOTED, ROLLED_BACK)


@dataclass(frozen=True)
class Transition:
    """
    One change of phase or step: where traffic goes by it, why, and the numbers behind it.

    `key` names it once and for all, so that it is written down once. `before` is where the alias
    was left, from where alone it may be moved to `after`.
    """

    key: str
    action: str
    after: Traffic
    reason: str
    judgement: Judgement | None = None
    before: Traffic | None = None


@dataclass(frozen=True)
class Point:
    """The evidence of each metric at one tick, as a share of its threshold: 1 ends the rollout."""

    at: datetime
    weight: float
    shares: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class State:
    """
    `closed` are the finished steps; evidence of the current one begins at `since`.

    `paused`: somebody said so; nothing is promoted, harm still rolls back. `fix`: stable is known
    to be broken, the candidate is judged alone. `digest` is the candidate's artifact. `checked`:
    the preflight has passed. `due` is the deadline, if it is not `deadline_minutes` after
    `started`. `trail` is for people, thinned as it grows.

    `left` is where the alias was left (None: all at stable), and `revisions` are those that the
    alias had so far, oldest first: one that comes back is a read of the past, and one that was
    never seen is somebody's move. `untold` is what the ledger could not be told yet.
    """

    rollout: str
    model: str
    function: str
    stable: str
    candidate: str
    phase: Phase
    step: int = 0
    started: datetime
    since: datetime
    held: datetime | None = None
    paused: bool = False
    fix: bool = False
    reason: str = ""
    transitions: int = 0
    closed: tuple[Stratum, ...] = ()
    judgement: Judgement | None = None
    pending: Transition | None = None
    trail: tuple[Point, ...] = ()
    digest: str = ""
    checked: bool = False
    due: datetime | None = None
    left: Traffic | None = None
    revisions: tuple[str, ...] = ()
    untold: tuple[Entry, ...] = ()

    @property
    def key(self) -> str:
        """The key of the newest transition."""
        return f"{self.rollout}/{self.transitions}"

    @property
    def expected(self) -> Traffic:
        """Where the alias is, unless somebody else moved it; with a move pending, where it goes."""
        return self.left or Traffic(self.stable)

    @property
    def on_trial(self) -> bool:
        """Whether the candidate shares the traffic with stable."""
        left = self.expected
        return (left.stable, left.candidate) == (self.stable, self.candidate)

    @property
    def ended(self) -> bool:
        return self.phase in ENDED

    @property
    def done(self) -> bool:
        """Ended, with nothing left to move or to write down."""
        return self.ended and self.pending is None and not self.untold
