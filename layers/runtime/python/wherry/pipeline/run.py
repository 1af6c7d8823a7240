"""
One call of a pipeline: what was computed so far, for which rows, and how long each step took.

Some of the rows are a call of their own, which slices what was computed for all of them already
instead of computing it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ModelError
from wherry.pipeline.leaves import Leaf, Tensors
from wherry.pipeline.order import where
from wherry.pipeline.routes import Route, Rows
from wherry.pipeline.spec import output_of, step_of

MILLISECONDS = 1000


@dataclass(frozen=True)
class Node:
    """A step, ready to run, and the sources of its tensors."""

    work: Leaf | Route
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """`batched` are the inputs that have rows; `times` is shared by the whole and its parts."""

    nodes: Mapping[str, Node]
    feeds: Mapping[str, NDArray[Any]]
    batched: frozenset[str]
    clock: Callable[[], float]
    times: dict[str, float]
    whole: "Call | None" = None
    index: Rows = field(default_factory=lambda: np.empty(0, np.intp))
    done: dict[str, Tensors] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Those of any input that has rows; a service has checked that they agree."""
        return next((self.feeds[name].shape[0] for name in self.batched), 1)

    def tensor(self, source: str) -> NDArray[Any]:
        """An input, or what a step gives, for the rows of this call."""
        name = step_of(source, self.nodes)
        return self.feeds[source] if name is None else self._of(name)[output_of(source)]

    def step(self, name: str, rows: Rows) -> Tensors:
        """What a step gives for some of the rows."""
        asked = self if len(rows) == self.rows else self._part(rows)
        told = asked._of(name)  # noqa: SLF001 - of its own class
        _check_rows(name, told, len(rows))
        return told

    def _part(self, rows: Rows) -> "Call":
        feeds = {
            name: tensor[rows] if name in self.batched else tensor
            for name, tensor in self.feeds.items()
        }
        return replace(self, feeds=feeds, whole=self, index=rows, done={})

    def _of(self, name: str) -> Tensors:
        found = self._found(name)
        if found is None:
            found = self.done[name] = self._computed(name)
        return found

    def _found(self, name: str) -> Tensors | None:
        if name in self.done or self.whole is None:
            return self.done.get(name)
        found = self.whole._found(name)  # noqa: SLF001 - of its own class
        if found is not None:
            _check_rows(name, found, self.whole.rows)
            self.done[name] = {each: tensor[self.index] for each, tensor in found.items()}
        return self.done.get(name)

    def _computed(self, name: str) -> Tensors:
        node = self.nodes[name]
        tensors = [self.tensor(source) for source in node.sources]
        others, start = sum(self.times.values()), self.clock()
        work = node.work
        told = work.answer(self) if isinstance(work, Route) else work.compute(tensors)
        took = (self.clock() - start) * MILLISECONDS
        asked = sum(self.times.values()) - others  # the steps that a route asked, told on their own
        self.times[name] = self.times.get(name, 0.0) + took - asked
        return told


def _check_rows(name: str, tensors: Tensors, rows: int) -> None:
    for output, tensor in tensors.items():
        if tensor.shape[:1] != (rows,):
            raise ModelError(where(name), f"{output} is {tensor.shape}, for {rows} rows")
