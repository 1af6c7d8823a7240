"""
A server with jobs, for a client.

The jobs are done while a client waits: its pauses are when the worker has its turn.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.client_doors import Scripted
from wherry.jobs.work import Turn, Worker
from wherry.service import Service


@dataclass
class Server:
    """One release with jobs; `script` is answered before it is asked."""

    service: Service
    app: Scripted

    @property
    def asked(self) -> list[str]:
        """What was asked, without the parts that are new each time."""
        return [path for path in self.app.paths if "/jobs/" not in path]


class Queue:
    """Ids of jobs, done when somebody says so."""

    def __init__(self) -> None:
        self._waiting: list[str] = []

    def send(self, job_id: str) -> None:
        self._waiting.append(job_id)

    def drain(self, worker: Worker) -> None:
        while self._waiting:
            worker.work(self._waiting.pop(), Turn(60, last=True))


Serve = Callable[..., Server]
