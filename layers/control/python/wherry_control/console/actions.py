"""
Which buttons a model has now, and what each would do, in words.

The words are made here, where a test can read them, and shown before anything happens. What is
offered is a courtesy: the controller decides again whether it may be done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from wherry_control.console.board import Board
from wherry_control.ledger import is_back, promoted
from wherry_control.rollouts.report import Report
from wherry_control.rollouts.state import HELD, State

Name = Literal["start", "pause", "resume", "promote", "abort", "rollback"]
DEEDS: Mapping[str, Callable[[Board, str], object]] = {
    "start": lambda board, model: board.start(model),
    "pause": lambda board, model: board.pause(model),
    "resume": lambda board, model: board.resume(model),
    "promote": lambda board, model: board.promote(model),
    "abort": lambda board, model: board.abort(model),
    "rollback": lambda board, model: board.rollback(model),
}


@dataclass(frozen=True)
class Action:
    """A button, and what it does."""

    name: Name
    label: str
    consequence: str


def offered(report: Report) -> tuple[Action, ...]:
    """What may be done now, the likeliest first."""
    if report.state and not report.state.ended:
        return _while_running(report, report.state)
    return tuple(each for each in (_start(report), _rollback(report)) if each)


def named(report: Report, release: str) -> str:
    """`release 7 (model version 3)`."""
    found = next((each for each in report.releases if each.release == release), None)
    version = f" (model version {found.model_version})" if found and found.model_version else ""
    return f"release {release}{version}"


def _while_running(report: Report, state: State) -> tuple[Action, ...]:
    stopped = state.paused or state.phase == HELD or report.idle is not None
    first = _resume(report) if stopped else _pause(report)
    promote = (_promote(report, state),) if state.checked else ()
    return (first, *promote, _abort(report, state))


def _pause(report: Report) -> Action:
    told = "The traffic stays where it is, and nothing is promoted, until somebody resumes."
    return Action("pause", "Pause", f"{told} Proven harm still rolls {report.model} back.")


def _resume(report: Report) -> Action:
    told = f"The rollout of {report.model} goes on from where it is, judged as before."
    return Action("resume", "Resume", told)


def _promote(report: Report, state: State) -> Action:
    told = (
        f"All live traffic of {report.model} goes to {named(report, state.candidate)} at once. The"
        " judge is not waited for."
    )
    return Action("promote", "Promote", told)


def _abort(report: Report, state: State) -> Action:
    told = (
        f"All live traffic of {report.model} goes back to {named(report, state.stable)}, and the"
        " rollout ends."
    )
    return Action("abort", "Roll back", told)


def _start(report: Report) -> Action | None:
    newest = next(reversed(report.releases), None)
    if newest is None or newest.release == report.live.stable:
        return None
    told = (
        f"{named(report, newest.release).capitalize()} is tried at its own version first. Then it"
        f" gets a growing part of the live traffic of {report.model}, as long as the judge finds no"
        " harm."
    )
    return Action("start", "Start rollout", told)


def _rollback(report: Report) -> Action | None:
    if is_back(report.history):
        return None  # one further is for the command, which is told so
    path = promoted(report.history)
    if len(path) < 2 or path[-1] != report.live.stable:  # noqa: PLR2004 - from one to another
        return None
    back = named(report, path[-2])
    told = f"All live traffic of {report.model} goes back to {back}, which was live before."
    return Action("rollback", f"Roll back to release {path[-2]}", told)
