"""
The rollout commands on one target: each reads, asks the pure decision, acts, and writes down.

`tick` is one turn of a running rollout, safe to be killed at any call and safe to be run twice at
once: the lease keeps two from working, and the revisions of state and alias keep two from moving.
A command of a person needs no lease, for the same reason: it need not wait for a turn to end.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from wherry.errors import CloudError, ConflictError, RefusedError
from wherry_control.evidence.counts import Evidence
from wherry_control.evidence.sources import EvidenceStore, Gather
from wherry_control.functions import Functions, Live
from wherry_control.judging.judge import judge
from wherry_control.judging.verdicts import Judgement
from wherry_control.ledger import Entry, Ledger
from wherry_control.releases import releases_of
from wherry_control.rollouts import commands, starting
from wherry_control.rollouts import decide as deciding
from wherry_control.rollouts.moving import Mover
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.report import Report, idle_since
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import LEASE, Kept, RolloutStore, already_runs


class Preflight(Protocol):
    """What a candidate must pass before its first live request; RefusedError says why not."""

    def __call__(self, plan: Plan, state: State) -> Judgement | None:
        """What its shadow says of it, which may be against it; None if nobody asked."""
        ...


@dataclass(frozen=True)
class Tick:
    """What one turn came to; `wait` seconds until the next, unless the rollout has ended."""

    state: State
    wait: float

    @property
    def done(self) -> bool:
        return self.state.done


@dataclass(frozen=True, kw_only=True)
class RolloutController:
    """`holder` names who works, in the lease; `function` maps a model's name to its function's."""

    functions: Functions
    ledger: Ledger
    store: RolloutStore
    evidence: EvidenceStore
    gather: Gather
    preflight: Preflight
    function: Callable[[str], str]
    clock: Callable[[], datetime]
    holder: str
    judge: deciding.Judge = judge

    def start(
        self, model: str, plan: Plan, *, candidate: str | None = None, fix: bool = False
    ) -> State:
        """
        Begin a rollout of the candidate, or of the newest release; the first tick moves it.

        Said again of a rollout that runs, it begins nothing: whoever was killed in the middle of a
        start repeats it. Raises RefusedError or UsageError for a candidate that cannot be tried,
        ConflictError if another rollout runs, or one by another plan. The model's first release,
        which is live, may be its own candidate: then the preflight is all there is.
        """
        if self._begun(model, plan, candidate, fix=fix) is not None:
            return self._command(model, lambda kept: deciding.Decision(kept.state))
        kept = self._create(plan, self._anew(model, candidate, fix=fix))
        return self._mover.settle(kept)[0].state

    def intent(
        self, model: str, plan: Plan, *, candidate: str | None = None, fix: bool = False
    ) -> State:
        """With which state `start` would begin; it raises the same, and changes nothing."""
        kept = self._begun(model, plan, candidate, fix=fix)
        return kept.state if kept else self._anew(model, candidate, fix=fix)

    def _begun(self, model: str, plan: Plan, candidate: str | None, *, fix: bool) -> Kept | None:
        """The rollout that runs, if it is the one that is asked for; ConflictError if it is not."""
        kept = self.store.load(model)
        if kept is None or kept.state.ended:
            return None
        asked = candidate or releases_of(self.functions, self.function(model))[-1].release
        if (asked, fix, plan) != (kept.state.candidate, kept.state.fix, kept.plan):
            raise already_runs(model, kept, plan)
        return kept

    def _anew(self, model: str, candidate: str | None, *, fix: bool) -> State:
        function = self.function(model)
        observed = starting.observe(self.functions, model, function)
        release = starting.candidate(observed, self.ledger.entries(model), candidate)
        return starting.begin(observed, function, release, self.clock(), fix=fix)

    def tick(self, model: str) -> Tick:
        """
        One turn; a rollout that ended meanwhile is left as it is, as is one that another works at.

        Raises CloudError if AWS refuses something: the next turn goes on from there.
        """
        if not self.store.acquire(model, self.holder, self.clock(), LEASE):
            return self._as_it_is(model)
        try:
            return self._turn(model)
        except ConflictError:
            return self._as_it_is(model)
        finally:
            with suppress(CloudError):  # it runs out by itself
                self.store.release(model, self.holder)

    def pause(self, model: str) -> State:
        """Stay where it is until resumed; harm still rolls back."""
        return self._command(model, lambda kept: commands.pause(kept.state, self.clock()))

    def resume(self, model: str) -> State:
        """Go on from pause, or from a hold, which gets a new deadline."""
        return self._command(
            model, lambda kept: commands.resume(kept.plan, kept.state, self.clock())
        )

    def promote(self, model: str) -> State:
        """Somebody decides: all traffic to the candidate, after the preflight."""
        return self._command(
            model, lambda kept: commands.promote(kept.state, self._known(kept), self.clock())
        )

    def abort(self, model: str) -> State:
        """End it: all traffic back to stable."""
        return self._command(
            model, lambda kept: commands.abort(kept.state, self._known(kept), self.clock())
        )

    def newest(self, model: str) -> Kept:
        """The rollout that runs, or ran last; UsageError if there never was one."""
        return self._mover.load(model)

    def report(self, model: str) -> Report:
        """Everything there is to see; of an ended rollout, its last step."""
        function = self.function(model)
        report = Report(
            model=model,
            function=function,
            live=self.functions.live(function).traffic,
            releases=releases_of(self.functions, function),
            history=tuple(self.ledger.entries(model)),
        )
        kept = self.store.load(model)
        if kept is None:
            return report
        state = kept.state
        told = _last(state) if state.ended else self._evidence(kept)
        began = state.started.replace(second=0, microsecond=0)
        until = state.since + timedelta(minutes=1) if state.ended else self.clock()
        return replace(
            report,
            plan=kept.plan,
            state=state,
            stable=told.stable,
            candidate=told.candidate,
            minutes=tuple(self.evidence.minutes(model, began, until)),
            missing=told.missing,
            idle=idle_since(kept.plan, state, kept.ticked, self.clock()),
        )

    def history(self, model: str) -> list[Entry]:
        """All that the ledger knows of a model, oldest first."""
        return self.ledger.entries(model)

    @cached_property
    def _mover(self) -> Mover:
        return Mover(
            functions=self.functions, ledger=self.ledger, store=self.store, clock=self.clock
        )

    def _turn(self, model: str) -> Tick:
        kept, live = self._mover.settle(self._mover.load(model))
        state = kept.state
        if not state.ended:
            decision = deciding.decide(
                kept.plan, state, self._evidence(kept), self.clock(), self.judge
            )
            kept, live = self._mover.carry_out(kept, decision, live)
            if deciding.Preflight() in decision.actions:
                kept = self._preflight(kept, live)
        return Tick(kept.state, kept.plan.tick_seconds)

    def _preflight(self, kept: Kept, live: Live) -> Kept:
        refusal = ""
        shadow: Judgement | None = None
        try:
            shadow = self.preflight(kept.plan, kept.state)
        except RefusedError as error:
            refusal = str(error)
        decision = deciding.after_preflight(kept.plan, kept.state, refusal, self.clock(), shadow)
        return self._mover.carry_out(kept, decision, live)[0]

    def _command(self, model: str, decided: Callable[[Kept], deciding.Decision]) -> State:
        return self._mover.command(model, decided)[0].state

    def _create(self, plan: Plan, state: State) -> Kept:
        """Begin, also if only the answer is lost."""
        try:
            return self.store.create(plan, state)
        except CloudError:
            kept = self.store.load(state.model)
            if kept is None or kept.state.rollout != state.rollout:
                raise
            return kept

    def _as_it_is(self, model: str) -> Tick:
        kept = self._mover.load(model)
        return Tick(kept.state, kept.plan.tick_seconds)

    def _evidence(self, kept: Kept) -> Evidence:
        state, judged = kept.state, kept.plan.judge
        if not state.on_trial:
            return Evidence()
        ranges = {judged.outcome: judged.outcome_range} if judged.outcome else {}
        return self.gather(
            state.model, state.stable, state.candidate, state.since, self.clock(), ranges
        )

    def _known(self, kept: Kept) -> Evidence:
        """What a person decides needs no evidence: if it cannot be read, it is left out."""
        try:
            return self._evidence(kept)
        except CloudError:
            return Evidence()


def _last(state: State) -> Evidence:
    if not state.closed:
        return Evidence()
    return Evidence(state.closed[-1].stable, state.closed[-1].candidate)
