"""
Do: the commands of a rollout, each observe → decide → check → move → write down.

The order is the promise. Nothing moves before the candidate has answered the golden examples;
the alias moves by compare-and-set on the revision that was looked at; the ledger is written last,
and a failure to write it is told and made good by the next command, never a reason to undo a move.
Aborting a trial needs the alias and nothing else: not the ledger, not the store, not the releases,
and no running rollout's leave: that is told afterwards that it was rolled back, or finds out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

from wherry.errors import CloudError, ConflictError, CredentialsError, RefusedError
from wherry_control.account import Account
from wherry_control.functions import Functions, Live, Traffic
from wherry_control.ledger import Ledger, is_back, promoted
from wherry_control.releases import Release, releases_of
from wherry_control.rollout import (
    Change,
    Observed,
    back_already,
    plan_abort,
    plan_back_to,
    plan_promote,
    plan_rollback,
    plan_set,
)
from wherry_control.rollouts.commands import given_up
from wherry_control.rollouts.moving import ATTEMPTS, Mover
from wherry_control.rollouts.state import HELD, PROMOTED, State
from wherry_control.rollouts.store import Kept, RolloutStore


class Check(Protocol):
    """What a release must pass before it gets live traffic; raises RefusedError if it does not."""

    def __call__(self, model: str, function: str, release: Release) -> object: ...


@dataclass(frozen=True)
class Outcome:
    """
    A change, whether it was made, and what went wrong beside it.

    `ended` is a rollout that ended, or would, with no traffic to be moved.
    """

    change: Change
    moved: bool
    warning: str = ""
    ended: str = ""


@dataclass(frozen=True, kw_only=True)
class Rollouts:
    """
    The rollout commands on one target. `function` maps a model's name to its function's.

    `store` knows of the rollout that runs by itself, if any does: but for a rollback, no hand moves
    the alias while it neither is paused nor held.
    """

    functions: Functions
    ledger: Ledger
    check: Check
    function: Callable[[str], str]
    clock: Callable[[], datetime]
    dry_run: bool = False
    store: RolloutStore | None = None

    def set_weight(self, model: str, weight: float, candidate: str | None = None) -> Outcome:
        self._must_be_free(model)
        observed = self._observe(model)
        return self._do(observed, plan_set(observed, weight, candidate))

    def promote(self, model: str) -> Outcome:
        self._must_be_free(model)
        observed = self._observe(model)
        return self._do(observed, plan_promote(observed))

    def rollback(self, model: str, *, to: str | None = None, again: bool = False) -> Outcome:
        """
        Drop the candidate; if none has traffic, end the rollout that runs; at rest, go back once.

        `to` names the release to go back to, and needs nothing but the alias. `again` goes one
        release further, where the last move was back already.
        """
        bare = self._bare(model)
        if to is not None:
            return self._back_to(bare, to)
        if bare.live.traffic.is_split:
            return self._at_any_weight(bare, plan_abort)
        with _or_by_name(model):
            running = self._account.running(model)
        return self._give_up(bare, running) or self._go_back(bare, again=again)

    def _back_to(self, bare: Observed, release: str) -> Outcome:
        def plan(observed: Observed) -> Change:
            return plan_back_to(observed, release)

        done = self._at_any_weight(bare, plan)
        if done.change.is_needed:
            return done
        try:
            ended = self._give_up(bare, self._account.running(bare.model))
        except CloudError as error:
            return replace(done, warning=f"a rollout that runs was not ended: {error}")
        # a turn may have moved the alias meanwhile
        return ended or self._at_any_weight(self._bare(bare.model), plan)

    def _at_any_weight(self, observed: Observed, plan: Callable[[Observed], Change]) -> Outcome:
        """Also against a tick that takes the next step at the same moment."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self._do(observed, plan(observed))
            except ConflictError:
                live = self.functions.live(self.function(observed.model))
                if not _same_trial(live.traffic, observed.live.traffic):
                    raise
                observed = replace(observed, live=live)
        return self._do(observed, plan(observed))

    def _give_up(self, bare: Observed, running: Kept | None) -> Outcome | None:
        """End a rollout whose candidate has no traffic: stable, which has it all, stays."""
        live = bare.live
        if running is None or _is_over(running.state, live):
            return None
        stays = Change(bare.model, "rollback", live.traffic, live.traffic, live.revision)
        if self.dry_run:
            return Outcome(stays, moved=False, ended=running.state.rollout)
        kept, live = self._mover.command(
            bare.model, lambda kept: given_up(kept.state, self.clock()), drop=True
        )
        if kept.state.phase == PROMOTED:
            return None  # by somebody's hand, or by a turn at this very moment
        done = replace(stays, after=live.traffic)
        return Outcome(done, moved=done.is_needed, ended=kept.state.rollout)

    def _go_back(self, bare: Observed, *, again: bool) -> Outcome:
        function = self.function(bare.model)
        with _or_by_name(bare.model):
            observed = replace(bare, releases=releases_of(self.functions, function))
            entries = self._account.entries(observed)
        if is_back(entries) and not again:
            raise back_already(observed)
        return self._do(observed, plan_rollback(observed, promoted(entries)))

    @cached_property
    def _account(self) -> Account:
        return Account(
            functions=self.functions,
            ledger=self.ledger,
            function=self.function,
            clock=self.clock,
            store=self.store,
        )

    @cached_property
    def _mover(self) -> Mover:
        """Of the rollout that runs; there is none without a store."""
        if self.store is None:
            raise AssertionError
        return Mover(
            functions=self.functions, ledger=self.ledger, store=self.store, clock=self.clock
        )

    def _bare(self, model: str) -> Observed:
        return Observed(model, self.functions.live(self.function(model)))

    def _observe(self, model: str) -> Observed:
        function = self.function(model)
        live = self.functions.live(function)
        return Observed(model, live, releases_of(self.functions, function))

    def _do(self, observed: Observed, change: Change) -> Outcome:
        if not change.is_needed:
            return Outcome(change, moved=False)
        function = self.function(change.model)
        if change.check is not None:
            self.check(change.model, function, change.check)
        if self.dry_run:
            return Outcome(change, moved=False)
        live = self._move(function, change)
        return Outcome(change, moved=True, warning=self._account.write_down(observed, change, live))

    def _move(self, function: str, change: Change) -> Live:
        try:
            return self.functions.move(function, change.after, revision=change.revision)
        except ConflictError as error:
            live = self.functions.live(function)
            if live.traffic == change.after:
                return live  # our own move, whose answer was lost on the way
            raise ConflictError(
                f"rollout of {change.model}",
                f"somebody else moved it meanwhile, to {live.traffic}; nothing was changed",
                "Look at `wherry rollout status`, then decide again.",
            ) from error

    def _must_be_free(self, model: str) -> None:
        running = self._account.running(model)
        if running is None or running.state.paused or running.state.phase == HELD:
            return
        raise RefusedError(
            f"rollout of {model}",
            f"rollout {running.state.rollout} moves its traffic by itself ({running.state.phase})",
            f"`wherry rollout pause {model}` or `wherry rollout abort {model}` first.",
        )


@contextmanager
def _or_by_name(model: str) -> Iterator[None]:
    """What is read to find the way back may be what is broken: name the way that reads nothing."""
    try:
        yield
    except CredentialsError:
        raise
    except CloudError as error:
        way = f"`wherry rollout rollback {model} --to RELEASE` needs no table."
        raise CloudError(error.where, error.what, f"{error.todo} {way}".strip()) from error


def _is_over(state: State, live: Live) -> bool:
    """Whether it has ended, and either it was promoted or the alias is not where it left it."""
    made = state.pending is None or state.pending.after == live.traffic
    return state.ended and made and (state.phase == PROMOTED or live.traffic != state.expected)


def _same_trial(one: Traffic, other: Traffic) -> bool:
    return (one.stable, one.candidate) == (other.stable, other.candidate)
