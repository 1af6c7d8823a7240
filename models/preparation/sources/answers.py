"""
What a network's outputs mean, and the same outputs under the names that every model answers by.

Each meaning does it twice: to the arrays that the framework answers, and as nodes of the graph.
Nothing is guessed that could be wrong in silence: one column is a probability where a sigmoid makes
it, a logit where a linear step does, and refused otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES
from models.preparation.sources.source import Task
from models.preparation.steps.answers import Labels
from models.preparation.steps.nodes import Nodes
from wherry.manifest import TensorSpec

OPEN = -1
Array = NDArray[Any]
FLOAT, INT64 = 1, 7  # in ONNX's own numbering of element types


class Meaning(Protocol):
    """`apply` takes the arrays, `build` the names, of the raw outputs in their order."""

    @property
    def task(self) -> Task: ...

    @property
    def labels(self) -> Labels | None: ...

    @property
    def outputs(self) -> tuple[TensorSpec, ...]: ...

    def apply(self, raw: Sequence[Any]) -> dict[str, Array]: ...

    def build(self, nodes: Nodes, raw: Sequence[str]) -> dict[str, str]:
        """The name of the tensor that each output is."""


@dataclass(frozen=True)
class Columns:
    """A column a label: the label of the largest is added."""

    labels: Labels
    task: Task = "classification"

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return classified(self.labels)

    def apply(self, raw: Sequence[Any]) -> dict[str, Array]:
        return self._labelled(np.asarray(raw[0], np.float32))

    def build(self, nodes: Nodes, raw: Sequence[str]) -> dict[str, str]:
        return self._label(nodes, nodes.add("Cast", raw[0], to=FLOAT))

    def _labelled(self, numbers: Array) -> dict[str, Array]:
        labels = np.asarray(self.labels)[numbers.argmax(axis=1)]
        return {LABEL: labels, PROBABILITIES: numbers}

    def _label(self, nodes: Nodes, numbers: str) -> dict[str, str]:
        kind = np.int64 if isinstance(self.labels[0], int) else np.object_
        largest = nodes.add("ArgMax", numbers, axis=1, keepdims=0)
        label = nodes.add("Gather", nodes.constant(self.labels, kind), largest, axis=0)
        return {LABEL: label, PROBABILITIES: numbers}


@dataclass(frozen=True)
class OneColumn(Columns):
    """
    One number for two labels: the probability p of the second, or its logit z.

    They become [1 - p, p], or [0, z], of which a softmax makes probabilities.
    """

    logit: bool = False

    def apply(self, raw: Sequence[Any]) -> dict[str, Array]:
        second = np.asarray(raw[0], np.float32).reshape(-1, 1)
        first = np.zeros_like(second) if self.logit else np.float32(1) - second
        return self._labelled(np.concatenate([first, second], axis=1))

    def build(self, nodes: Nodes, raw: Sequence[str]) -> dict[str, str]:
        column = nodes.add("Cast", raw[0], to=FLOAT)
        second = nodes.add("Reshape", column, nodes.constant([OPEN, 1], np.int64))
        if self.logit:
            pads = nodes.constant([0, 1, 0, 0], np.int64)  # a column of zeros before it
            return self._label(nodes, nodes.add("Pad", second, pads))
        first = nodes.add("Sub", nodes.constant([[1.0]]), second)
        return self._label(nodes, nodes.add("Concat", first, second, axis=1))


@dataclass(frozen=True)
class Labelled:
    """The graph answers a label, and a number for each label (or a mapping a row) itself."""

    labels: Labels
    label: int
    numbers: int
    task: Task = "classification"

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return classified(self.labels)

    def apply(self, raw: Sequence[Any]) -> dict[str, Array]:
        label, numbers = np.asarray(raw[self.label]).reshape(-1), raw[self.numbers]
        if isinstance(numbers, list):
            numbers = [[row[each] for each in self.labels] for row in numbers]
        width = (-1, len(self.labels))
        told = label if isinstance(self.labels[0], str) else label.astype(np.int64)
        return {LABEL: told, PROBABILITIES: np.asarray(numbers, np.float32).reshape(width)}

    def build(self, nodes: Nodes, raw: Sequence[str]) -> dict[str, str]:
        label = nodes.add("Reshape", raw[self.label], nodes.constant([OPEN], np.int64))
        if isinstance(self.labels[0], int):
            label = nodes.add("Cast", label, to=INT64)
        return {LABEL: label, PROBABILITIES: nodes.add("Cast", raw[self.numbers], to=FLOAT)}


@dataclass(frozen=True)
class Numbers:
    """A regression: `width` numbers a row."""

    width: int
    task: Task = "regression"
    labels: None = None

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return (TensorSpec(PREDICTION, "FP32", (OPEN, self.width)),)

    def apply(self, raw: Sequence[Any]) -> dict[str, Array]:
        numbers = np.asarray(raw[0], np.float32)
        return {PREDICTION: numbers.reshape(len(numbers), self.width)}

    def build(self, nodes: Nodes, raw: Sequence[str]) -> dict[str, str]:
        numbers = nodes.add("Cast", raw[0], to=FLOAT)
        shape = nodes.constant([OPEN, self.width], np.int64)
        return {PREDICTION: nodes.add("Reshape", numbers, shape)}


@dataclass(frozen=True)
class AsTheyAre:
    """Neither: each output under its own name."""

    outputs: tuple[TensorSpec, ...]
    task: Task = "other"
    labels: None = None

    def apply(self, raw: Sequence[Any]) -> dict[str, Array]:
        return {each.name: np.asarray(array) for each, array in zip(self.outputs, raw, strict=True)}

    def build(self, nodes: Nodes, raw: Sequence[str]) -> dict[str, str]:
        del nodes
        return {each.name: name for each, name in zip(self.outputs, raw, strict=True)}


def classified(labels: Labels) -> tuple[TensorSpec, ...]:
    return (
        TensorSpec(LABEL, "BYTES" if isinstance(labels[0], str) else "INT64", (OPEN,)),
        TensorSpec(PROBABILITIES, "FP32", (OPEN, len(labels))),
    )
