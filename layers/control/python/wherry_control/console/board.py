"""
What the console sees and does: the seam between the page and the rollouts of one target.

The page knows no AWS. The command composes the real board over the controller, and a scripted one
stands in its place in tests.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from wherry_control.rollouts.report import Report


class Board(Protocol):
    """
    The models of one target. It is asked from several threads, by one at a time.

    Each deed returns when it is done or begun; whatever it returns is not looked at. An error of
    the tree in `wherry.errors` is told on the page in its three parts.
    """

    def models(self) -> Sequence[str]: ...

    def report(self, model: str) -> Report: ...

    def experiment(self, model: str) -> Mapping[str, Any] | None:
        """What `wherry experiment report --json` tells; None where none is declared."""
        ...

    def start(self, model: str) -> object:
        """Begin a rollout of the newest release, by the plan of the model's model.toml."""
        ...

    def pause(self, model: str) -> object: ...

    def resume(self, model: str) -> object: ...

    def promote(self, model: str) -> object: ...

    def abort(self, model: str) -> object:
        """End the rollout; all traffic back to stable."""
        ...

    def rollback(self, model: str) -> object:
        """At rest: back to the release that was live before."""
        ...
