"""A worker of a queue in this process, told in one call."""

from pathlib import Path
from typing import Any

from tests.support.amqp import Letter
from wherry_control.queueing.amqp import Work, work
from wherry_control.queueing.amqp_worker import Counts

QUEUE = "tiny"


class Worker:
    """Works what is there, in this process, and remembers it for the next time."""

    def __init__(self, url: str, folder: Path, variables: Any) -> None:
        self.notes: list[str] = []
        self._url = url
        self._folder = folder
        self._variables = variables

    def __call__(self, queue: str = QUEUE, **asked: Any) -> Counts:
        state = self._folder / f"{queue}.sqlite"
        wanted = Work(self._url, queue, state, once=True, **asked)
        return work(self._variables, wanted, self.notes.append, lambda _: None)


def prediction(letter: Letter) -> float:
    answer = letter.json["result"]
    return answer["predictions"][0]["prediction"]
