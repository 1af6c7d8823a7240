"""
Carrying a decision out, so that it may be killed after any call and nothing is lost or doubled.

The order is: the state with the transition pending, the alias, the ledger, the state without it.
Whoever finds a transition pending finishes it before anything else. Each call is safe to repeat:
the state is saved by its revision, the alias moved by its own, the ledger told by the transition's
key. A ledger that cannot be written stops nothing: what it was not told stays in the state, and is
told first thing when it can be.

A call whose answer is lost is not looked into: it ends the turn, and the next one finds out.

Nothing is decided here but one thing: whether an alias that is elsewhere was moved by somebody
(then the rollout follows it), or only read from the past (then this turn ends).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wherry.errors import CloudError, ConflictError, UsageError
from wherry_control.functions import Functions, Live
from wherry_control.ledger import Entry, Ledger
from wherry_control.rollouts.commands import moved_by_hand, unmade
from wherry_control.rollouts.numbers import numbers
from wherry_control.rollouts.state import State, Transition
from wherry_control.rollouts.store import Kept, RolloutStore
from wherry_control.rollouts.transitions import ROLLBACK, Decision, change, settled

ATTEMPTS = 5  # of a command, against a tick at the same moment


@dataclass(frozen=True, kw_only=True)
class Mover:
    """The only one who moves the alias of a rollout."""

    functions: Functions
    ledger: Ledger
    store: RolloutStore
    clock: Callable[[], datetime]

    def load(self, model: str) -> Kept:
        """The newest rollout; raise UsageError if there never was one."""
        kept = self.store.load(model)
        if kept is None:
            raise UsageError(
                f"rollout of {model}",
                "there never was one",
                f"Begin with `wherry rollout start {model}`.",
            )
        return kept

    def settle(self, kept: Kept) -> tuple[Kept, Live]:
        """
        Finish what is pending, and follow the alias if somebody moved it; return where it is.

        Raises ConflictError if what was read is out of date.
        """
        live = self._look(kept.state)
        if kept.state.pending is not None:
            # Saved as it is: that proves that it was not read from the past, before anything moves.
            kept = self.store.save(kept, kept.state)
            return self._finish(kept, live)
        kept = self._tell_late(kept)
        if kept.state.ended:
            return kept, live
        if live.traffic == kept.state.expected:
            return self._began_anew(kept, live), live
        return self.carry_out(kept, moved_by_hand(kept.state, live.traffic, self.clock()), live)

    def carry_out(self, kept: Kept, decision: Decision, live: Live) -> tuple[Kept, Live]:
        """Keep the decision's state and make its move; `live` is the alias that was looked at."""
        if decision.state == kept.state:
            return kept, live
        kept = self.store.save(kept, decision.state)
        return self._finish(kept, live) if kept.state.pending is not None else (kept, live)

    def command(
        self, model: str, decided: Callable[[Kept], Decision], *, drop: bool = False
    ) -> tuple[Kept, Live]:
        """
        Carry out what a person decides, also against a tick at the same moment.

        With `drop`, a move that is pending and was not made is not made first, but given up.
        """
        settle = self._drop if drop else self.settle
        for attempt in range(ATTEMPTS):
            try:
                kept, live = settle(self.load(model))
                return self.carry_out(kept, decided(kept), live)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError

    def _drop(self, kept: Kept) -> tuple[Kept, Live]:
        """
        Settle, but for a move that was not made: the rollout is rolled back from before it.

        Whoever is about to make that move has looked at the alias already. It is moved to where it
        is, so that it has another revision.
        """
        live, pending = self._look(kept.state), kept.state.pending
        if pending is None or live.traffic == pending.after or live.traffic != pending.before:
            return self.settle(kept)
        live = self.functions.move(kept.state.function, live.traffic, revision=live.revision)
        return self.carry_out(kept, unmade(kept.state, self.clock()), live)

    def _began_anew(self, kept: Kept, live: Live) -> Kept:
        """Somebody moved the alias and moved it back: meanwhile no one weight was seen."""
        state = kept.state
        if live.revision in state.revisions:
            return kept
        now = self.clock()
        return self.store.save(kept, replace(settled(state, live.revision, now), since=now))

    def _look(self, state: State) -> Live:
        live = self.functions.live(state.function)
        if live.revision in state.revisions[:-1]:
            raise _stale(state)
        return live

    def _finish(self, kept: Kept, live: Live) -> tuple[Kept, Live]:
        state, pending = kept.state, kept.state.pending
        if pending is None:
            return kept, live
        if live.traffic not in (pending.before, pending.after):
            return self.carry_out(kept, moved_by_hand(state, live.traffic, self.clock()), live)
        if live.traffic != pending.after:
            live = self.functions.move(state.function, pending.after, revision=live.revision)
        entry = entry_of(state, pending, live, self.clock())
        state = replace(state, untold=self._tell((*state.untold, entry)))
        return self.store.save(kept, settled(state, live.revision, self.clock())), live

    def _tell_late(self, kept: Kept) -> Kept:
        untold = self._tell(kept.state.untold)
        if untold == kept.state.untold:
            return kept
        return self.store.save(kept, replace(kept.state, untold=untold))

    def _tell(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Tell the ledger in their order; return those from the first that it did not take."""
        for number, entry in enumerate(entries):
            try:
                self.ledger.append(entry)
            except CloudError:
                return tuple(entries[number:])
        return ()


def entry_of(state: State, pending: Transition, live: Live, now: datetime) -> Entry:
    """What the ledger is told of a transition that was carried out."""
    return Entry(
        model=state.model,
        at=now,
        action=pending.action,
        before=pending.before,
        after=pending.after,
        digest=state.digest,
        revision=live.revision,
        rollout=state.rollout,
        reason=pending.reason,
        key=pending.key,
        numbers=numbers(pending.judgement),
    )


def untold(state: State, live: Live, now: datetime) -> tuple[Entry, ...]:
    """What a rollout has done and the ledger may not know, where the alias is `live`."""
    if state.pending is None or state.pending.after != live.traffic:
        return state.untold
    return (*state.untold, entry_of(state, state.pending, live, now))


def ended_by_hand(state: State, live: Live, now: datetime) -> State:
    """
    A running rollout after `wherry rollout rollback`, which moved the alias.

    If the rollout was about to make that very move, it counts as its own. The ledger has been told.
    """
    state = replace(state, untold=())
    if state.pending is not None and state.pending.after == live.traffic:
        return settled(state, live.revision, now)
    intent = Transition("", ROLLBACK, live.traffic, "rolled back by hand", state.judgement)
    return settled(change(state, intent, now).state, live.revision, now)


def _stale(state: State) -> ConflictError:
    return ConflictError(
        f"rollout {state.rollout}",
        "AWS told an earlier state of the alias; nothing was changed",
        "The next tick looks again.",
    )
