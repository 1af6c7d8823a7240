"""Functions that die: their containers are killed when chance says so, at work or at rest."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self

from infra.local_aws.engine import Engine
from wherry.errors import ToolError

HANDLERS = {"batch", "queue"}
TICK_SECONDS = 1.0


class Killer:
    """
    Kills the workers of this local AWS, and of no other, for as long as it is entered.

    Each of them lives for `life` seconds on average, however many there are, so that the last one
    comes to an end as the first did. `killed` counts them by their kinds.
    """

    def __init__(self, engine: Engine, label: str, *, life: float, seed: int) -> None:
        self.killed = Counter[str]()
        self._engine, self._label, self._life = engine, label, life
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
        while not self._over.wait(TICK_SECONDS):
            for worker in self._workers():
                if self._chance.random() < TICK_SECONDS / self._life:
                    self._kill(*worker)

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
