"""What both clients have in common: all that is no sending and no waiting."""

from typing import Any

from wherry.client.flow import Flow
from wherry.client.jobs import Jobs
from wherry.client.predicting import Predictor
from wherry.client.retries import Retries
from wherry.client.server import Server, address

TIMEOUT = 35.0  # API Gateway gives up after 29 seconds, and says so
JOB_SECONDS = 1800.0


class Core:
    """The flows of one client."""

    def __init__(
        self, url: str, model: str | None, timeout: float, retries: Retries, job_timeout: float
    ) -> None:
        self.server = Server(address(url), model, timeout, retries)
        self.jobs = Jobs(self.server)
        self.predictor = Predictor(self.server, self.jobs, job_timeout)

    def __str__(self) -> str:
        """Who is asked for what, and no key."""
        named = f", model={self.server.model!r}" if self.server.model else ""
        return f"{self.server.url!r}{named}"

    def metadata(self, model: str | None) -> Flow[dict[str, Any]]:
        """Of the model that is meant."""
        name = yield from self.server.named(model)
        told: dict[str, Any] = yield from self.server.metadata(name)
        return told

    def ready(self, model: str | None) -> Flow[bool]:
        """Of the model that is meant; of the server, where none is."""
        return (yield from self.server.ready(model or self.server.model))
