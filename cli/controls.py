"""Rollouts of one target, composed for the commands: the same controller that runs on AWS."""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.call import Call
from cli.compose import now, rollouts

if TYPE_CHECKING:
    from wherry.errors import CloudError
    from wherry_control.experiments.outcomes import DynamoOutcomes
    from wherry_control.rollouts.controller import RolloutController, Tick
    from wherry_control.rollouts.janitor import Pruning
    from wherry_control.rollouts.plan import Plan
    from wherry_control.rollouts.report import Report
    from wherry_control.rollouts.state import State

KEPT = timedelta(days=90)  # of outcomes


@dataclass(frozen=True)
class Controls:
    """What the commands and the console do with the rollouts of one model."""

    call: Call
    model: str
    controller: "RolloutController"

    def plan(self, preset: str | None = None) -> "Plan":
        """Of the model's model.toml; `preset` gives other steps for this once."""
        from wherry_control.rollouts.plan_file import load_plan, read_plan

        plan = load_plan(self.call.project.model_folder(self.model))
        if preset is None:
            return plan
        return replace(plan, steps=read_plan("--preset", {"preset": preset}).steps)

    def start(self, plan: "Plan", *, candidate: str | None = None, fix: bool = False) -> "State":
        """Begin, and let the state machine go on."""
        state = self.controller.start(self.model, plan, candidate=candidate, fix=fix)
        self._begin(state, plan)
        return state

    def here(
        self,
        plan: "Plan",
        tell: Callable[[str], None],
        *,
        candidate: str | None = None,
        fix: bool = False,
    ) -> "State":
        """Begin, and tick it in this process until it has ended; `tell` hears what happens."""
        from wherry_control.rollouts.loop import run_here

        state = self.controller.start(self.model, plan, candidate=candidate, fix=fix)
        said = [f"{state.phase}: {state.reason}"]
        tell(said[0])

        def hear(turn: "Tick | CloudError") -> None:
            line = (
                f"{turn.state.phase}: {turn.state.reason}" if hasattr(turn, "state") else str(turn)
            )
            if line != said[-1]:
                said.append(line)
                tell(line.replace("_", " ", 1))

        return run_here(self.controller, self.model, time.sleep, hear)

    def resume(self) -> "State":
        """Go on, with a state machine of its own: the one before may have come to its end."""
        state = self.controller.resume(self.model)
        kept = self.controller.store.load(self.model)
        if kept is not None:
            self._begin(state, kept.plan, f"-{state.transitions}")
        return state

    def is_running(self) -> bool:
        """Whether there is a rollout that has not ended."""
        kept = self.controller.store.load(self.model)
        return kept is not None and not kept.state.ended

    def reports(self, every: float) -> Iterator["Report"]:
        """One every so many seconds, until the rollout has ended."""
        while True:
            told = self.controller.report(self.model)
            yield told
            if told.state is None or told.state.done:
                return
            time.sleep(every)

    def _begin(self, state: "State", plan: "Plan", suffix: str = "") -> None:
        from wherry_control.rollouts.runner import StepFunctions
        from wherry_control.rollouts.waiting import seconds_between_ticks

        runner = StepFunctions(
            self.call.session.client("stepfunctions"), self.call.target.runner_arn
        )
        runner.begin(state.rollout + suffix, self.model, seconds_between_ticks(plan))


class Board:
    """What the console sees and does (wherry_control.console.board)."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def models(self) -> list[str]:
        """Those that were published to the target."""
        from wherry_control.locks import lock_path

        call = self._call
        return [
            name
            for name in call.project.models()
            if lock_path(call.project.root, name, call.target.name).exists()
        ]

    def report(self, model: str) -> "Report":
        return self._of(model).controller.report(model)

    def experiment(self, model: str) -> Mapping[str, Any] | None:
        """Of all that is kept; None where the lock has none."""
        from cli.output import plain
        from wherry_control.environment import required_lock
        from wherry_control.experiments.asking import asked
        from wherry_control.experiments.reporting import report_of

        lock = required_lock(self._call.project.root, model, self._call.target.name)
        if lock.experiment is None:
            return None
        until = now()
        told = report_of(outcomes(self._call), asked(lock, "rate", "higher"), until - KEPT, until)
        found: Mapping[str, Any] = plain(told)
        return found

    def start(self, model: str) -> object:
        controls = self._of(model)
        return controls.start(controls.plan())

    def pause(self, model: str) -> object:
        return self._of(model).controller.pause(model)

    def resume(self, model: str) -> object:
        return self._of(model).resume()

    def promote(self, model: str) -> object:
        return self._of(model).controller.promote(model)

    def abort(self, model: str) -> object:
        return self._of(model).controller.abort(model)

    def rollback(self, model: str) -> object:
        return rollouts(self._call, model).rollback(model)

    def _of(self, model: str) -> Controls:
        return controls(self._call, model)


def controls(call: Call, model: str) -> Controls:
    """For one model, whose name is checked first."""
    call.project.model_folder(model)
    return Controls(call, model, _controller(call))


def prune(call: Call, model: str, keep: int) -> "Pruning":
    """Remove the model's old releases, or with --dry-run say which."""
    from wherry_control.rollouts.janitor import Janitor

    told, target = controls(call, model).controller, call.target
    janitor = Janitor(
        functions=call.cloud, ledger=told.ledger, store=told.store, dry_run=call.dry_run
    )
    stack = call.cloud.stack(target.stack(model))
    return janitor.prune(model, target.function(model), stack, keep=keep)


def board(call: Call) -> Board:
    """For `wherry console`."""
    return Board(call)


def place(call: Call) -> str:
    """Which AWS this is, for people."""
    target = call.target
    return f"{target.name} AWS, {target.environment}, {target.account} in {target.region}"


def outcomes(call: Call) -> "DynamoOutcomes":
    """What became of predictions, on the call's target."""
    from wherry_control.experiments.outcomes import DynamoOutcomes

    return DynamoOutcomes(call.session.client("dynamodb"), call.target.outcomes_table)


def _controller(call: Call) -> "RolloutController":
    from wherry_control.rollouts.composed import controller

    target = call.target
    return controller(
        call.session, call.cloud, target, holder=f"{socket.gethostname()}/{os.getpid()}", clock=now
    )
