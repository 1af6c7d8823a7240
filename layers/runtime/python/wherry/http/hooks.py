"""
What else may have a say in a prediction: who answers it, and what happens after.

An app without hooks is one service that answers all. The seams are here, apart from who fills them,
so that a release without an experiment or a shadow imports neither.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wherry.http.wire import Request

if TYPE_CHECKING:
    from wherry.http.descriptions import Endpoint, Parameters
    from wherry.http.predictions import Predictions
    from wherry.service import Answer, Service


class Chosen(NamedTuple):
    """Who answers; `labels` are keys in the line of evidence, `headers` go into the reply."""

    service: "Service"
    labels: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


class Chooser(Protocol):
    """Which service answers a request."""

    def choose(self, request: Request, parameters: "Parameters") -> Chosen:
        """Raise what is to be the answer, where nobody can; `parameters` are what the path says."""


class After(Protocol):
    """What happens once a prediction is answered and its evidence written; refusals have none."""

    def after(self, prediction_id: str, request: Request, answer: "Answer", chosen: Chosen) -> None:
        """The caller waits meanwhile. May fail: the failure is logged, and the reply stays."""


class JobRoutes(Protocol):
    """What makes the routes of jobs."""

    def __call__(self, predictions: "Predictions", /) -> "Mapping[str, Endpoint]":
        """The endpoints by their names; `predictions` are the app's own."""


class Hooks(NamedTuple):
    """Where there is none, the one service answers, nothing comes after, and no job is taken."""

    chooser: Chooser | None = None
    after: After | None = None
    jobs: "JobRoutes | None" = None


NO_HOOKS = Hooks()
