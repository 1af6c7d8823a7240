"""
One board, asked by one at a time, and no more often than it is worth.

Browsers ask every two seconds, from each tab; AWS takes money for some of its answers, and its
clients are not made by two threads at once. So what was told is told again while it is fresh, and
a deed makes it stale. The report of an experiment reads all its outcomes: it is asked for by the
minute, and if that fails, the rollout is shown all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from wherry.errors import ConflictError, NotFoundError, WherryError
from wherry_control.console.actions import DEEDS, Name, offered
from wherry_control.console.board import Board
from wherry_control.console.view import Experiment, Models, ModelView, Told, view_of

FRESH = 4.0  # seconds
EXPERIMENT_FRESH = 60.0
RESTS = 9  # times as long as a look took, which reads all minutes of a rollout: a tenth of the time


@dataclass(kw_only=True)
class Desk:
    """`place` tells people which AWS they look at; `clock` is in seconds, from anywhere."""

    board: Board
    place: str
    fresh: float = FRESH
    clock: Callable[[], float] = monotonic
    _lock: Lock = field(default_factory=Lock)
    _views: dict[str, tuple[float, ModelView]] = field(default_factory=dict)
    _experiments: dict[str, tuple[float, Experiment]] = field(default_factory=dict)

    def models(self) -> Models:
        with self._lock:
            return Models(self.place, tuple(self.board.models()))

    def view(self, model: str) -> ModelView:
        """NotFoundError for a model that is not the board's; else whatever the board raises."""
        with self._lock:
            until, view = self._views.get(model, (0.0, None))
            begun = self.clock()
            if view is None or begun >= until:
                self._check(model)
                view = view_of(self.board.report(model), self._experiment(model))
                now = self.clock()
                self._views[model] = now + max(self.fresh, RESTS * (now - begun)), view
            return view

    def act(self, action: Name, model: str, confirmed: str | None = None) -> None:
        """The same errors; ConflictError if it would do something else than was `confirmed`."""
        with self._lock:
            self._check(model)
            self._views.clear()
            if confirmed is not None:
                self._check_confirmed(action, model, confirmed)
            DEEDS[action](self.board, model)

    def _check_confirmed(self, action: Name, model: str, confirmed: str) -> None:
        """A question may have been on the screen since the rollout before."""
        now = {
            each.consequence for each in offered(self.board.report(model)) if each.name == action
        }
        if confirmed not in now:
            raise ConflictError(
                model, "it has changed since, and nothing was done", "Close this, and look again."
            )

    def _check(self, model: str) -> None:
        models = self.board.models()
        if model not in models:
            todo = f"The models here are: {', '.join(models)}."
            raise NotFoundError("models/", f"there is no model {model[:80]!r}", todo)

    def _experiment(self, model: str) -> Experiment:
        at, told = self._experiments.get(model, (0.0, None))
        if told is None or self.clock() - at >= EXPERIMENT_FRESH:
            try:
                told = Experiment(self.board.experiment(model))
            except WherryError as error:
                told = Experiment(None, Told.of(error))
            self._experiments[model] = self.clock(), told
        return told
