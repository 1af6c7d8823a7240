"""The console's board over one target: rollouts, by `cli.controls`, and the experiment's report."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.call import Call
from cli.compose import now, rollouts
from cli.controls import Controls, controls

if TYPE_CHECKING:
    from wherry_control.experiments.outcomes import DynamoOutcomes
    from wherry_control.rollouts.report import Report

KEPT = timedelta(days=90)  # of outcomes


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
