"""
Tasks that are begun, to answers: read, computed together, told. Nothing leaves the process here.

What is wrong with one is kept with it, and touches no other.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from time import perf_counter
from typing import Any

from wherry.errors import TooLargeError
from wherry.pinned import KEPT, Services
from wherry.queue.batches import compute
from wherry.queue.claims import Claims
from wherry.queue.reading import Reader, payload
from wherry.queue.tasks import HasTime, Task
from wherry.service import Asked, Service

NO_TIME = "no time was left for it"

Each = Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]  # map, by threads where it pays


class Answering:
    """By the services of what each task is pinned to."""

    def __init__(self, services: Services, claims: Claims | None, each: Each) -> None:
        self._services = services
        self._claims = claims
        self._each = each
        self._reader = lru_cache(KEPT)(Reader)

    def answer(self, tasks: Iterable[Task], has_time: HasTime) -> None:
        """Each has its answer then, or its error, or is to come again."""
        by_release: dict[object, list[Task]] = {}
        for task in tasks:
            by_release.setdefault(task.pinned, []).append(task)
        for alike in by_release.values():
            started = perf_counter()
            self._by_one_release(alike, has_time)
            for task in alike:
                task.milliseconds = (perf_counter() - started) * 1000

    def _by_one_release(self, tasks: Sequence[Task], has_time: HasTime) -> None:
        try:
            service = self._services.of(tasks[0].pinned)
        except Exception as error:  # noqa: BLE001 - it is each task's own from here
            _fail(tasks, error)
        else:
            self._by(service, tasks, has_time)

    def _by(self, service: Service, tasks: Sequence[Task], has_time: HasTime) -> None:
        bodies = self._each(lambda task: self._payload(task, service), tasks)
        for task, body in zip(tasks, bodies, strict=True):
            task.service = service
            if isinstance(body, Exception):
                task.error = body
            else:
                self._read(task, body, service)
        read = [(task, task.asked) for task in tasks if task.asked is not None]
        computed = compute(service, [asked for _, asked in read], has_time)
        for (task, asked), told in zip(read, computed, strict=True):
            if told is None:
                task.retry = NO_TIME
            elif isinstance(told, Exception):
                task.error = told
            else:
                _tell(task, asked, service, told)

    def _payload(self, task: Task, service: Service) -> bytes | Exception:
        try:
            return payload(task.message, self._claims, service.limits.body_bytes)
        except Exception as error:  # noqa: BLE001 - it is this task's own
            return error

    def _read(self, task: Task, body: bytes, service: Service) -> None:
        try:
            task.asked = self._reader(service).asked(task.message, body)
        except Exception as error:  # noqa: BLE001 - it is this task's own
            task.error = _advised(error, service)


def _tell(task: Task, asked: Asked, service: Service, computed: tuple[Any, Any]) -> None:
    try:
        task.answer = asked.tell(*computed)
    except Exception as error:  # noqa: BLE001 - it is this task's own
        task.error = _advised(error, service)


def _advised(error: Exception, service: Service) -> Exception:
    return service.advised(error) if isinstance(error, TooLargeError) else error


def _fail(tasks: Iterable[Task], error: Exception) -> None:
    for task in tasks:
        task.error = error
