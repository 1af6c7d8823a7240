"""Rollouts of one target, composed for the commands: the same controller that runs on AWS."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cli.call import Call
from cli.compose import now

if TYPE_CHECKING:
    from wherry.errors import CloudError
    from wherry_control.rollouts.controller import RolloutController, Tick
    from wherry_control.rollouts.janitor import Pruning
    from wherry_control.rollouts.plan import Plan
    from wherry_control.rollouts.report import Report
    from wherry_control.rollouts.state import State
    from wherry_control.rollouts.transitions import Decision


@dataclass(frozen=True)
class Controls:
    """What the commands and the console do with the rollouts of one model."""

    call: Call
    model: str
    controller: "RolloutController"

    def plan(self, preset: str | None = None) -> "Plan":
        """Of the model's model.toml; `preset` gives other steps for this once."""
        from models.preparation.config import TABLES
        from models.preparation.tables import check_keys, read_toml
        from wherry_control.rollouts.plan_file import read_plan

        file = self.call.project.model_folder(self.model) / "model.toml"
        told = read_toml(file)
        check_keys(file, "", told, TABLES)  # a [rolout] is not the default plan
        plan = read_plan(str(file), told.get("rollout", {}))
        if preset is None:
            return plan
        return replace(plan, steps=read_plan("--preset", {"preset": preset}).steps)

    def intent(self, plan: "Plan", candidate: str | None, *, fix: bool) -> "State":
        """With which state a rollout would begin; raise what `start` would."""
        state = self.controller.intent(self.model, plan, candidate=candidate, fix=fix)
        self._check_shadow(state)
        return state

    def start(self, plan: "Plan", *, candidate: str | None = None, fix: bool = False) -> "State":
        """Begin, and let the state machine go on; said again, let it go on if it does not."""
        self.intent(plan, candidate, fix=fix)
        state = self.controller.start(self.model, plan, candidate=candidate, fix=fix)
        self._begin(state)
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

        self.intent(plan, candidate, fix=fix)
        state = self.controller.start(self.model, plan, candidate=candidate, fix=fix)
        said = ""

        def say(line: str) -> None:
            nonlocal said
            if line != said:
                tell(line)
            said = line

        def hear(turn: "Tick | CloudError") -> None:
            say(_line(turn.state) if hasattr(turn, "state") else str(turn))

        say(_line(state))

        return run_here(self.controller, self.model, time.sleep, hear)

    def pause(self) -> "State":
        """Stay at this step; with --dry-run, as of all below, only what would become of it."""
        from wherry_control.rollouts import commands

        if self.call.dry_run:
            return self._would(lambda state: commands.pause(state, now()))
        return self.controller.pause(self.model)

    def resume(self) -> "State":
        """Go on, and see to it that it is ticked: what did so may have come to its end."""
        from wherry_control.rollouts import commands

        plan = self.controller.newest(self.model).plan
        if self.call.dry_run:
            return self._would(lambda state: commands.resume(plan, state, now()))
        state = self.controller.resume(self.model)
        self._begin(state)
        return state

    def promote(self) -> "State":
        """All traffic to the candidate."""
        from wherry_control.evidence.counts import Evidence
        from wherry_control.rollouts import commands

        if self.call.dry_run:
            return self._would(lambda state: commands.promote(state, Evidence(), now()))
        return self.controller.promote(self.model)

    def abort(self) -> "State":
        """All traffic back to stable."""
        from wherry_control.evidence.counts import Evidence
        from wherry_control.rollouts import commands

        if self.call.dry_run:
            return self._would(lambda state: commands.abort(state, Evidence(), now()))
        return self.controller.abort(self.model)

    def is_running(self) -> bool:
        """Whether there is a rollout that has not ended."""
        kept = self.controller.store.load(self.model)
        return kept is not None and not kept.state.done

    def reports(self, every: float) -> Iterator["Report"]:
        """One every so many seconds, until the rollout has ended."""
        while True:
            told = self.controller.report(self.model)
            yield told
            if told.state is None or told.state.done:
                return
            time.sleep(every)

    def _check_shadow(self, state: "State") -> None:
        """Raise RefusedError if the candidate is the shadow: what fails there counts against it."""
        from wherry.errors import RefusedError
        from wherry_control.experiments.shadowing import LambdaShadows

        shadow = LambdaShadows(self.call.session.client("lambda")).at(state.function)
        if shadow == state.candidate:
            raise RefusedError(
                f"rollout of {self.model}",
                f"release {shadow} is the shadow: it would shadow itself, and its failures as one "
                "would count against it",
                f"`wherry shadow stop {self.model}` first.",
            )

    def _would(self, decided: "Callable[[State], Decision]") -> "State":
        """What a command would make of the rollout."""
        return decided(self.controller.newest(self.model).state).state

    def _begin(self, state: "State") -> None:
        from wherry.errors import CloudError
        from wherry_control.rollouts.report import idle_since
        from wherry_control.rollouts.runner import StepFunctions

        runner = StepFunctions(
            self.call.session.client("stepfunctions"), self.call.target.runner_arn
        )
        try:
            kept = self.controller.newest(self.model)
            idle = idle_since(kept.plan, state, kept.ticked, now()) is not None
            runner.begin(state.rollout, self.model, idle=idle)
        except CloudError as error:
            todo = f"It waits; `wherry rollout resume {self.model}` lets it go on."
            raise CloudError(error.where, error.what, todo) from error


def _line(state: "State") -> str:
    return f"{state.phase.replace('_', ' ')}: {state.reason}"


def controls(call: Call, model: str) -> Controls:
    """For one model, whose name is checked first."""
    call.project.model_folder(model)
    return Controls(call, model, _controller(call))


def prune(call: Call, model: str, keep: int) -> "Pruning":
    """Remove the model's old releases, or with --dry-run say which."""
    from wherry_control.experiments.shadowing import LambdaShadows
    from wherry_control.rollouts.janitor import Janitor

    told, target = controls(call, model).controller, call.target
    janitor = Janitor(
        functions=call.cloud,
        ledger=told.ledger,
        store=told.store,
        shadows=LambdaShadows(call.session.client("lambda")),
        dry_run=call.dry_run,
    )
    stack = call.cloud.stack(target.stack(model))
    return janitor.prune(model, target.function(model), stack, keep=keep)


def _controller(call: Call) -> "RolloutController":
    import socket

    from wherry_control.rollouts.composed import controller

    target = call.target
    return controller(
        call.session, call.cloud, target, holder=f"{socket.gethostname()}/{os.getpid()}", clock=now
    )
