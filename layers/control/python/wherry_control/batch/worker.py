"""
What a worker process is: one service, loaded once, that answers the partitions it is given.

It can be sent to another process, and loads there. It ends with its parent, and not by Ctrl+C: that
one is the parent's to answer.
"""

import os
import signal
import sys
from collections.abc import Sequence
from functools import cached_property
from multiprocessing import connection, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec

from wherry.batch.contract import Receipt, Task
from wherry.settings import MEGABYTES_PER_CPU, Settings
from wherry_control.batch.trying import Count, Failed, Work, attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wherry.engine import Engine
    from wherry.service import Service


class Answering:
    """Partitions by the release of `settings`, with so many threads; `service` is it, loaded."""

    def __init__(self, settings: Settings, threads: int, service: "Service | None" = None) -> None:
        self._settings = with_threads(settings, threads)
        self._loaded = service
        self._count: Count

    def __call__(self, task: Task, count: Count) -> Receipt:
        """Compute it, unless its receipt is there."""
        from wherry.batch.files import open_files
        from wherry.batch.partition import run_partition

        self._count, run = count, task.run
        inputs, outputs = open_files(run.input, os.environ), open_files(run.output, os.environ)
        return run_partition(self._service, inputs, outputs, task)

    @cached_property
    def _service(self) -> "Service":
        """Loaded when the first partition comes, with all checks."""
        from wherry.batch.alike import alike
        from wherry.service import load_service

        service = self._loaded or load_service(self._settings)
        service.compute_by(lambda engine: alike(_Counted(engine, self._count), service.manifest))
        return service


def with_threads(settings: Settings, threads: int) -> Settings:
    """Nobody keeps evidence of a batch, so none is sketched."""
    memory_mb = threads * MEGABYTES_PER_CPU
    return msgspec.structs.replace(settings, memory_mb=memory_mb, sketch=False)


class _Counted:
    """An engine that tells how many rows it has computed."""

    def __init__(self, engine: "Engine", count: Count) -> None:
        self.inputs, self.outputs = engine.inputs, engine.outputs
        self._engine, self._count = engine, count

    def run(
        self,
        outputs: Sequence[str],
        feeds: "Mapping[str, NDArray[Any]]",
        times: dict[str, float] | None = None,
    ) -> "list[NDArray[Any]]":
        """See Engine."""
        answers = self._engine.run(outputs, feeds, times)
        self._count(len(next(iter(feeds.values()))))
        return answers


_kept: dict[str, Any] = {}  # what this process was begun with


def begin(work: Work, counter: Any) -> None:
    """Called once in each worker process; `counter` is shared by all of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.meta_path.insert(0, _NoPandas())
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")  # gives back what is free
    Thread(target=_end_with_parent, daemon=True).start()
    _kept.update(work=work, counter=counter)


class _NoPandas:
    """PyArrow imports pandas where it is there, for its types: 0.3 s and 30 MB of each process."""

    def find_spec(self, name: str, *_: object) -> None:
        """As Python's finders; what it does not know, the next one is asked for."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def do(task: Task) -> Receipt | Failed:
    """One partition, in the worker."""
    return attempt(_kept["work"], task, _count)


def _count(rows: int) -> None:
    counter = _kept["counter"]
    with counter.get_lock():
        counter.value += rows


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
