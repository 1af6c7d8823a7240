"""Functions that die: their containers are killed at times that chance tells, one after another."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self

from infra.local_aws.engine import Engine
from wherry.errors import ToolError

HANDLERS = {"batch", "queue"}


class Killer:
    """
    Kills one of the workers of this local AWS after another, for as long as it is entered.

    `every` is the mean of the seconds between two kills. `killed` counts them by their kinds.
    """

    def __init__(self, engine: Engine, label: str, *, every: float, seed: int) -> None:
        self.killed = Counter[str]()
        self._engine, self._label, self._every = engine, label, every
        self._chance = random.Random(seed)  # noqa: S311 (no secret)
        self._over = Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._killing = self._pool.submit(self._kill_on)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._pool.shutdown()
        if error is None:
            self._killing.result()

    def _kill_on(self) -> None:
        while not self._over.wait(self._chance.expovariate(1 / self._every)):
            found = self._workers()
            if found:
                self._kill(*self._chance.choice(found))

    def _workers(self) -> list[tuple[str, str]]:
        """Kinds and ids of the containers that are there now."""
        told = self._engine.run(
            "ps", "--filter", f"label={self._label}", "--no-trunc",
            "--format", "{{.ID}} {{.Command}}",
        )  # fmt: skip
        pairs = (line.split(" ", 1) for line in told.splitlines())
        named = ((_kind(command), container) for container, command in pairs)
        return sorted((kind, container) for kind, container in named if kind in HANDLERS)

    def _kill(self, kind: str, container: str) -> None:
        try:
            self._engine.run("kill", container)
        except ToolError:
            return  # it is gone already
        self.killed[kind] += 1


def _kind(command: str) -> str:
    """`queue`, of `[functions.inference.queue.handler]`."""
    return command.strip('[]"').rpartition(".handler")[0].rpartition(".")[2]
