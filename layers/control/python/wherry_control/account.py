"""
Write down: what the ledger, and a rollout that runs, are told of a move that was made by hand.

The traffic has moved already, so nothing here may undo it, and nothing that fails here is an error:
it is put in words, and made good by the next command, or by the rollout's next tick.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wherry.errors import WherryError
from wherry_control.functions import Functions, Live
from wherry_control.ledger import FOUND, Entry, Ledger
from wherry_control.releases import releases_of
from wherry_control.rollout import Change, Observed
from wherry_control.rollouts.moving import ended_by_hand, untold
from wherry_control.rollouts.numbers import numbers
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import Kept, RolloutStore


@dataclass(frozen=True, kw_only=True)
class Account:
    """Of one target; `store` knows of the rollout that runs by itself, if any does."""

    functions: Functions
    ledger: Ledger
    function: Callable[[str], str]
    clock: Callable[[], datetime]
    store: RolloutStore | None

    def running(self, model: str) -> Kept | None:
        """The rollout that has not ended, or has not told all of it."""
        kept = self.store.load(model) if self.store is not None else None
        return None if kept is None or kept.state.done else kept

    def entries(self, observed: Observed) -> list[Entry]:
        """All that the ledger knows, what a rollout has not told it yet, and what it lacks."""
        entries = self.ledger.entries(observed.model)
        running, keys = self.running(observed.model), {entry.key for entry in entries}
        if running is not None:
            late = untold(running.state, observed.live, self.clock())
            entries += [entry for entry in late if entry.key not in keys]
        return [*entries, *self._missing(observed, entries)]

    def write_down(self, observed: Observed, change: Change, live: Live) -> str:
        """Return what went wrong, in words; the traffic has moved already."""
        wrong: list[str] = []
        ended: State | None = None
        running = self._ended_by(change, wrong)
        try:
            if running is not None:
                for entry in untold(running.state, observed.live, self.clock()):
                    self.ledger.append(entry)  # what was done comes before what was done to it
                ended = ended_by_hand(running.state, live, self.clock())
            for entry in self._made(observed, change, live, ended):
                self.ledger.append(entry)
            if running is not None and ended is not None and self.store is not None:
                self.store.save(running, ended)
        except WherryError as error:
            wrong.append(f"the traffic moved, but the ledger does not know it yet: {error}")
        return "; ".join(wrong)

    def _ended_by(self, change: Change, wrong: list[str]) -> Kept | None:
        """The rollout that a rollback ended, as far as that can be found out."""
        try:
            return self.running(change.model) if change.action == "rollback" else None
        except WherryError as error:
            wrong.append(f"a rollout that runs will find out by itself: {error}")
            return None

    def _made(
        self, observed: Observed, change: Change, live: Live, ended: State | None
    ) -> list[Entry]:
        """What the ledger did not know before, then the change itself."""
        if not observed.releases:
            releases = releases_of(self.functions, self.function(change.model))
            observed = replace(observed, releases=releases)
        about = change.check.release if change.check else change.after.stable
        missing = self._missing(observed, self.ledger.entries(observed.model))
        made = Entry(
            model=change.model,
            at=self.clock(),
            action=change.action,
            before=change.before,
            after=change.after,
            digest=_digest_of(observed, about),
            revision=live.revision,
            rollout=ended.rollout if ended else "",
            key=ended.key if ended else "",
            reason=ended.reason if ended else "",
            numbers=numbers(ended.judgement) if ended else {},
        )
        return [*missing, made]

    def _missing(self, observed: Observed, entries: Sequence[Entry]) -> list[Entry]:
        """The entry that they lack, if the alias is not where they left it."""
        last = entries[-1].after if entries else None
        traffic = observed.live.traffic
        if traffic == last:
            return []
        digest = _digest_of(observed, traffic.candidate or traffic.stable)
        revision = observed.live.revision
        return [Entry(observed.model, self.clock(), FOUND, last, traffic, digest, revision)]


def _digest_of(observed: Observed, name: str) -> str:
    return next((item.digest for item in observed.releases if item.release == name), "")
