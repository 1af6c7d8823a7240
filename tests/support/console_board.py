"""
A board whose rollouts are scripts: a minute passes when a test says so.

Its values are the real ones; only who decides is a script. What the real controller decides is
claimed where the controller is tested.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from threading import RLock
from typing import Any

from tests.support.console_scripts import A_MINUTE, PLAN, USUAL, Script, judged, minute_of
from wherry.errors import RefusedError
from wherry_control.evidence.counts import Minute
from wherry_control.functions import Traffic
from wherry_control.judging.verdicts import PROMOTE, ROLL_BACK
from wherry_control.ledger import Entry
from wherry_control.releases import Release
from wherry_control.rollouts.report import Report
from wherry_control.rollouts.state import PREFLIGHT, PROMOTED, ROLLED_BACK, STEP, State
from wherry_control.rollouts.transitions import trailed

BEGAN = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
STABLE, CANDIDATE = "6", "7"
DIGEST = "sha256:" + "5e1fca7d0b94" * 5 + "a1b2"


@dataclass
class Scripted:
    """One model: its script, and where it is."""

    name: str
    script: Script
    live: Traffic = field(default_factory=lambda: Traffic(STABLE))
    state: State | None = None
    minutes: list[Minute] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    passed: int = 0


class FakeBoard:
    """
    `refuse` is raised by every deed, `broken` by every look, `missing` are sources that lack, and
    since `idle` nobody has ticked.
    """

    def __init__(
        self, scripts: Mapping[str, Script], experiment: Mapping[str, Any] | None = None
    ) -> None:
        self.refuse: Exception | None = None
        self.broken: Exception | None = None
        self.missing: tuple[str, ...] = ()
        self.idle: datetime | None = None
        self.done: list[tuple[str, str]] = []
        self._experiment = experiment
        self._lock = RLock()
        self._random = Random(20261126)  # noqa: S311 - a script
        self._models = {name: Scripted(name, script) for name, script in scripts.items()}
        for each in self._models.values():
            self._move(each, "found", Traffic("5"))
            self._move(each, "promote", Traffic(STABLE))

    def models(self) -> Sequence[str]:
        return list(self._models)

    def experiment(self, model: str) -> Mapping[str, Any] | None:
        del model
        return self._experiment

    def report(self, model: str) -> Report:
        if self.broken:
            raise self.broken
        with self._lock:
            each = self._models[model]
            return Report(
                model=model,
                function=f"wherry-dev-{model}",
                live=each.live,
                releases=tuple(map(_release, range(2, 8))),
                history=tuple(each.history),
                plan=PLAN if each.state else None,
                state=each.state,
                minutes=tuple(each.minutes),
                missing=self.missing if each.state else (),
                idle=self.idle if each.state else None,
            )

    def start(self, model: str) -> None:
        with self._lock:
            each = self._begun("start", model)
            now = self._now(each)
            each.minutes, each.passed = [], 0
            each.state = State(
                rollout=f"{model}-{CANDIDATE}", model=model, function=f"wherry-dev-{model}",
                stable=each.live.stable, candidate=CANDIDATE, phase=PREFLIGHT, started=now,
                since=now, reason="the golden examples are asked",
            )  # fmt: skip
            self._move(each, "start", each.live)

    def pause(self, model: str) -> None:
        self._set(model, "pause", paused=True)

    def resume(self, model: str) -> None:
        self._set(model, "resume", paused=False)

    def promote(self, model: str) -> None:
        with self._lock:
            each = self._begun("promote", model)
            self._end(each, "promote", "promoted by hand")

    def abort(self, model: str) -> None:
        with self._lock:
            each = self._begun("abort", model)
            self._end(each, "rollback", "aborted by hand")

    def rollback(self, model: str) -> None:
        with self._lock:
            each = self._begun("rollback", model)
            self._move(each, "rollback", Traffic("5"))

    def tick(self, model: str) -> None:
        """One minute, and one turn of the script."""
        with self._lock:
            each = self._models[model]
            state = each.state
            if state is None or state.ended:
                return
            each.passed += 1
            if state.phase == PREFLIGHT:
                self._enter(each, state, 0, "the preflight passed")
                return
            self._count(each)
            self._judge(each, state)

    def _judge(self, each: Scripted, state: State) -> None:
        here = sum(minute.at >= state.since for minute in each.minutes) // 2
        last = state.step == len(PLAN.steps) - 1 and here >= PLAN.steps[-1].minutes
        requests = sum(x.counts.requests for x in each.minutes if x.release == CANDIDATE)
        told = judged(each.script, each.passed - 1, requests, last=last)
        now = self._now(each)
        state = replace(state, judgement=told, trail=trailed(state, told, now))
        each.state = state
        if told.verdict == ROLL_BACK:
            self._end(each, "rollback", told.reason)
        elif state.paused:
            return
        elif told.verdict == PROMOTE:
            self._end(each, "promote", told.reason)
        elif here >= PLAN.steps[state.step].minutes:
            self._enter(each, state, state.step + 1, "enough requests, and no harm proven")
        else:
            each.state = replace(state, reason=f"it has had {here} of 3 minutes")

    def _count(self, each: Scripted) -> None:
        at = self._now(each) - timedelta(minutes=1)
        tried = max(3, round(A_MINUTE * each.live.weight / 100))
        stable = minute_of(self._random, A_MINUTE - tried, USUAL, 11.0)
        other = minute_of(self._random, tried, each.script.shares, each.script.median)
        each.minutes += [Minute(at, each.live.stable, stable), Minute(at, CANDIDATE, other)]

    def _enter(self, each: Scripted, state: State, step: int, why: str) -> None:
        traffic = Traffic(state.stable, CANDIDATE, PLAN.steps[step].weight)
        self._move(each, "step", traffic)
        each.state = replace(
            state, phase=STEP, step=step, since=self._now(each), checked=True, left=traffic,
            reason=why,
        )  # fmt: skip

    def _end(self, each: Scripted, action: str, why: str) -> None:
        assert each.state is not None
        promoted = action == "promote"
        traffic = Traffic(CANDIDATE if promoted else each.state.stable)
        self._move(each, action, traffic)
        each.state = replace(
            each.state, phase=PROMOTED if promoted else ROLLED_BACK, since=self._now(each),
            left=traffic, reason=why, paused=False,
        )  # fmt: skip

    def _set(self, model: str, action: str, *, paused: bool) -> None:
        with self._lock:
            each = self._begun(action, model)
            if each.state is None or each.state.ended:
                raise RefusedError(f"rollout of {model}", "none is running", "Start one.")
            each.state = replace(each.state, paused=paused, reason=f"{action}d by hand")

    def _begun(self, action: str, model: str) -> Scripted:
        if self.refuse:
            raise self.refuse
        self.done.append((action, model))
        return self._models[model]

    def _move(self, each: Scripted, action: str, after: Traffic) -> None:
        number = len(each.history) + 1
        before = each.live if each.history else None
        entry = Entry(
            model=each.name, at=self._now(each), action=action, before=before, after=after,
            digest=DIGEST, revision=f"r{number}", sequence=number,
        )  # fmt: skip
        each.history.append(entry)
        each.live = after

    @staticmethod
    def _now(each: Scripted) -> datetime:
        return BEGAN + timedelta(minutes=each.passed)


def _release(number: int) -> Release:
    return Release(
        release=str(number),
        model_version=number - 1,
        digest=f"sha256:{number}{DIGEST[8:]}",
        code_sha256="",
        description="",
        published_at=(BEGAN - timedelta(days=7 - number, hours=number)).isoformat(),
        role="",
        dead_letter="",
    )
