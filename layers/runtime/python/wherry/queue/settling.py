"""
The end of a task: its result is kept, then put wherever results go; or it is to come again.

A lane is settled in order. What comes after one that must come again is given back as it was.
"""

import logging
from collections.abc import Sequence

from wherry.errors import RequestError
from wherry.http.errors import INTERNAL
from wherry.queue.evidence import Recorder
from wherry.queue.memory import Differs, Done
from wherry.queue.messages import Answered, Failed, Outcome, Refused
from wherry.queue.results import OK, status_of
from wherry.queue.tasks import Parts, Task

BEHIND = "one before it in its group is to come again"

_logger = logging.getLogger("wherry.queue")


class Settling:
    """Called from several threads at once, for different lanes."""

    def __init__(self, parts: Parts) -> None:
        self._memory = parts.memory
        self._sinks = parts.sinks
        self._results = parts.results
        self._recorder = Recorder(parts.evidence)

    def settle(self, lane: Sequence[Task]) -> None:
        """Give each its outcome."""
        stopped = False
        for task in lane:
            task.outcome = self._given_back(task, BEHIND) if stopped else self._settled(task)
            stopped = stopped or isinstance(task.outcome, Failed)

    def _settled(self, task: Task) -> Outcome:
        if task.retry:
            return self._given_back(task, task.retry)
        try:
            outcome = self._outcome(task)
            for sink in self._sinks:
                sink.put(outcome.result)
        except Exception as error:
            _logger.exception("message %s is to come again", task.message.id)
            return self._given_back(task, str(error))
        return outcome

    def _outcome(self, task: Task) -> Answered | Refused:
        if isinstance(task.begun, Done):
            return self._results.again(task.message, task.begun.result)
        if isinstance(task.begun, Differs):
            return Refused(self._results.differs(task.message, task.key))
        status, outcome = self._first(task)
        kept = self._memory.finish(task.key, outcome.result.body)
        if kept != outcome.result.body:
            return self._results.again(task.message, kept)
        self._record(task, status)
        return outcome

    def _first(self, task: Task) -> tuple[int, Answered | Refused]:
        """Raise whatever is no result."""
        error = task.error
        if task.answer is not None:
            try:
                return OK, Answered(self._results.answered(task.message, task.pinned, task.answer))
            except RequestError as refusal:
                error, task.answer = refusal, None
        if isinstance(error, RequestError):
            result = self._results.refused(task.message, task.pinned, error)
            return status_of(error), Refused(result)
        self._record(task, INTERNAL)
        raise error or AssertionError("it was neither answered nor refused")

    def _given_back(self, task: Task, why: str) -> Failed:
        """As if it had not been begun; where that fails, its time runs out."""
        if task.is_ours:
            try:
                self._memory.abandon(task.key)
            except Exception:
                _logger.exception("message %s stays begun until its time is out", task.message.id)
        return Failed(why)

    def _record(self, task: Task, status: int) -> None:
        if task.service is not None:
            told = task.message.id, status, task.answer, task.milliseconds
            self._recorder.record(task.service, *told)
