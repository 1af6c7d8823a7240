"""
Answers that are suspended where the model would run, and computed together.

An answer runs in a greenlet. Where it asks the engine, it is suspended with what it wants; on the
event loop's next turn all that agree but for their rows are computed as one batch, and each goes on
with its own rows. There is no timer: whoever waits alone is computed alone. If a batch fails, each
of it is computed alone, so that nobody gets a neighbour's error. All of it is one thread's.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
from greenlet import getcurrent, greenlet
from numpy.typing import NDArray

from wherry.engine import Engine

MOST_ROWS = 128

T = TypeVar("T")
Arrays = list[NDArray[Any]]


@dataclass(eq=False)
class Wanted:
    """One run of the model that an answer waits for."""

    outputs: tuple[str, ...]
    feeds: Mapping[str, NDArray[Any]]
    times: dict[str, float] | None
    computed: "asyncio.Future[Arrays]" = field(init=False)

    @property
    def rows(self) -> int:
        return len(next(iter(self.feeds.values())))

    @property
    def kind(self) -> object:
        """Equal for those that may be one batch."""
        return self.outputs, tuple((array.shape[1:], array.dtype) for array in self.feeds.values())

    def tell(self, answers: Arrays | Exception) -> None:
        """Unless whoever asked has gone."""
        if self.computed.done():
            return
        if isinstance(answers, Exception):
            self.computed.set_exception(answers)
        else:
            self.computed.set_result(answers)


class Batches:
    """An engine in front of another one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: list[Wanted] = []
        self._answering: set[greenlet] = set()

    @property
    def inputs(self) -> Mapping[str, str]:
        return self._engine.inputs

    @property
    def outputs(self) -> Mapping[str, str]:
        return self._engine.outputs

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> Arrays:
        """Suspend whoever is answered by `answer`; for anybody else, just run."""
        current = getcurrent()
        if current not in self._answering:
            return self._engine.run(outputs, feeds, times)
        answers: Arrays = current.parent.switch(Wanted(tuple(outputs), feeds, times))
        return answers

    async def answer(self, ask: Callable[[], T]) -> T:
        """Call `ask`, together with the others that are here."""
        answering = greenlet(ask)
        self._answering.add(answering)
        try:
            told = answering.switch()
            while not answering.dead:
                try:
                    answers = await self._computed(told)
                except Exception as error:  # noqa: BLE001 - it is whoever asked that handles it
                    told = answering.throw(error)
                else:
                    told = answering.switch(answers)
        finally:
            self._answering.discard(answering)
        result: T = told
        return result

    @property
    def begun(self) -> int:
        """How many answers are not there yet."""
        return len(self._answering)

    async def _computed(self, wanted: Wanted) -> Arrays:
        loop = asyncio.get_running_loop()
        wanted.computed = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._compute)
        self._waiting.append(wanted)
        return await wanted.computed

    def _compute(self) -> None:
        waiting, self._waiting = self._waiting, []
        for batch in batches(waiting):
            self._together(batch) if len(batch) > 1 else self._alone(batch[0])

    def _together(self, batch: Sequence[Wanted]) -> None:
        times: dict[str, float] = {}
        try:
            answers = self._engine.run(batch[0].outputs, _joined(batch), times)
        except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
            for wanted in batch:
                self._alone(wanted)
            return
        ends = accumulate(wanted.rows for wanted in batch)
        for wanted, end in zip(batch, ends, strict=True):
            if wanted.times is not None:
                wanted.times.update(times)
            wanted.tell([array[end - wanted.rows : end] for array in answers])

    def _alone(self, wanted: Wanted) -> None:
        try:
            wanted.tell(self._engine.run(wanted.outputs, wanted.feeds, wanted.times))
        except Exception as error:  # noqa: BLE001 - it is whoever asked that handles it
            wanted.tell(error)


def _joined(batch: Sequence[Wanted]) -> dict[str, NDArray[Any]]:
    names = batch[0].feeds
    return {name: np.concatenate([wanted.feeds[name] for wanted in batch]) for name in names}


def batches(waiting: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Those that agree, in their order, as many rows together as may be; one may have more."""
    by_kind: dict[object, list[Wanted]] = {}
    for wanted in waiting:
        by_kind.setdefault(wanted.kind, []).append(wanted)
    for alike in by_kind.values():
        batch: list[Wanted] = []
        rows = 0
        for wanted in alike:
            if batch and (rows + wanted.rows > MOST_ROWS or not wanted.rows or not rows):
                yield batch
                batch, rows = [], 0
            batch.append(wanted)
            rows += wanted.rows
        yield batch
