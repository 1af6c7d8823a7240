"""
Steps on a classification's answers: which label the probabilities mean, and what it is called.

`labels` are the model's own, in the order of the columns. Only `label_map` gives other ones: what
is learnt and held out keeps the names that the estimator knows.
"""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainValidator

from models.preparation.steps.nodes import ML, Nodes
from models.preparation.tables import Strict

Rows = NDArray[Any]
Label = str | int
Labels = list[Label]


def _label(told: Any) -> Any:
    if isinstance(told, bool) or not isinstance(told, str | int):
        raise ValueError("Give text, or a whole number")  # noqa: TRY004 - pydantic takes no other
    return told


Told = Annotated[Label, PlainValidator(_label)]
NEARLY = 1e-6  # a float32 probability that should be 0.3 may be this far below it


class Argmax(Strict):
    """`label` becomes that of the largest number; the first, where several are as large."""

    kind: Literal["argmax"]

    def decide(self, probabilities: Rows, labels: Labels) -> Rows:
        return np.asarray(np.asarray(labels)[probabilities.argmax(axis=1)])

    def build(self, nodes: Nodes, probabilities: str, labels: Labels) -> str:
        return _pick(nodes, probabilities, labels)


class Threshold(Strict):
    """`label` becomes `of` where its number is `at` or more, else that of the largest other one."""

    kind: Literal["threshold"]
    of: Told
    at: float = Field(allow_inf_nan=False)

    def decide(self, probabilities: Rows, labels: Labels) -> Rows:
        mine = self._column(labels)
        others = np.where(mine, np.float32(-np.inf), probabilities)
        enough = probabilities[:, mine].ravel() >= np.float32(self.at - NEARLY)
        return np.where(enough, np.asarray([self.of]), np.asarray(labels)[others.argmax(axis=1)])

    def build(self, nodes: Nodes, probabilities: str, labels: Labels) -> str:
        mine = self._column(labels)
        masked = nodes.constant(mine, np.bool_)
        others = nodes.add("Where", masked, nodes.constant(-np.inf), probabilities)
        index = nodes.constant(int(mine.argmax()), np.int64)
        column = nodes.add("Gather", probabilities, index, axis=1)
        enough = nodes.add("GreaterOrEqual", column, nodes.constant(self.at - NEARLY))
        of = nodes.constant([self.of], _type(labels))
        return nodes.add("Where", enough, of, _pick(nodes, others, labels))

    def _column(self, labels: Labels) -> NDArray[np.bool_]:
        mine = np.asarray([each == self.of for each in labels])
        if not mine.any():
            raise ValueError(f"of = {self.of!r} is no label; the model has {told(labels)}")
        return mine


class LabelMap(Strict):
    """Each label gets another name: text, or a whole number."""

    kind: Literal["label_map"]
    names: dict[str, Told] = Field(min_length=1)

    def renamed(self, labels: Labels) -> Labels:
        known = [str(each) for each in labels]
        if set(known) != set(self.names):
            raise ValueError(f"names must name each label once; the model has {told(labels)}")
        names = [self.names[each] for each in known]
        if len(set(names)) < len(names) or len({type(name) for name in names}) > 1:
            raise ValueError("give different names, all text or all whole numbers")
        return names

    def rename(self, given: Rows, labels: Labels) -> Rows:
        names = dict(zip(labels, self.renamed(labels), strict=True))
        return np.asarray([names[each] for each in given.tolist()])

    def build(self, nodes: Nodes, label: str, labels: Labels) -> str:
        names = self.renamed(labels)
        keys, values = f"keys_{_kind(labels)}", f"values_{_kind(names)}"
        return nodes.add("LabelEncoder", label, domain=ML, **{keys: labels, values: names})


AnswerStep = Argmax | Threshold


def told(labels: Labels) -> str:
    return ", ".join(map(repr, labels))


def _pick(nodes: Nodes, numbers: str, labels: Labels) -> str:
    largest = nodes.add("ArgMax", numbers, axis=1, keepdims=0)
    return nodes.add("Gather", nodes.constant(labels, _type(labels)), largest, axis=0)


def _type(labels: Labels) -> type:
    return np.int64 if isinstance(labels[0], int) else np.object_


def _kind(labels: Labels) -> str:
    return "int64s" if isinstance(labels[0], int) else "strings"
