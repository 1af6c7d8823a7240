"""Steps on numbers, along the last axis: the columns of a table, the channels of an image."""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field

from models.preparation.steps.nodes import Nodes
from models.preparation.tables import Strict

Rows = NDArray[Any]


def _numbers(told: Any) -> Any:
    many = told if isinstance(told, list) else [told]
    if not many or any(
        isinstance(each, bool) or not isinstance(each, int | float) for each in many
    ):
        raise ValueError("Give a number, or a list with one for each column")
    if not np.isfinite(many).all():
        raise ValueError("Give finite numbers")
    return told


def _divisors(told: Any) -> Any:
    if 0 in (told if isinstance(told, list) else [told]):
        raise ValueError("Give no 0")
    return told


Numbers = Annotated[Any, BeforeValidator(_numbers)]
Divisors = Annotated[Numbers, AfterValidator(_divisors)]


class Scale(Strict):
    """x * multiply + add."""

    kind: Literal["scale"]
    multiply: Numbers = 1.0
    add: Numbers = 0.0

    def apply(self, rows: Rows) -> Rows:
        return rows * _along(self.multiply, rows) + _along(self.add, rows)

    def build(self, nodes: Nodes, x: str) -> str:
        scaled = nodes.add("Mul", x, nodes.constant(self.multiply))
        return nodes.add("Add", scaled, nodes.constant(self.add))


class Normalize(Strict):
    """(x - mean) / std."""

    kind: Literal["normalize"]
    mean: Numbers
    std: Divisors

    def apply(self, rows: Rows) -> Rows:
        return (rows - _along(self.mean, rows)) / _along(self.std, rows)

    def build(self, nodes: Nodes, x: str) -> str:
        centred = nodes.add("Sub", x, nodes.constant(self.mean))
        return nodes.add("Div", centred, nodes.constant(self.std))


class Impute(Strict):
    """`value` where there is no number (NaN)."""

    kind: Literal["impute"]
    value: Numbers

    def apply(self, rows: Rows) -> Rows:
        return np.where(np.isnan(rows), _along(self.value, rows), rows)

    def build(self, nodes: Nodes, x: str) -> str:
        return nodes.add("Where", nodes.add("IsNaN", x), nodes.constant(self.value), x)


class OneHot(Strict):
    """
    One column becomes as many as there are categories, in its place: 1 in that of its value.

    All are 0 where the value is none of them.
    """

    kind: Literal["one_hot"]
    column: int = Field(ge=0)
    categories: list[float] = Field(min_length=1)

    def apply(self, rows: Rows) -> Rows:
        if rows.ndim != 2 or self.column >= rows.shape[1]:  # noqa: PLR2004 - rows and columns
            raise ValueError(f"there is no column {self.column}")
        column = rows[:, self.column : self.column + 1]
        hot = (column == np.asarray(self.categories, np.float32)).astype(np.float32)
        before, after = rows[:, : self.column], rows[:, self.column + 1 :]
        return np.concatenate([before, hot, after], axis=1)

    def build(self, nodes: Nodes, x: str) -> str:
        end = np.iinfo(np.int64).max
        before, column, after = (
            _columns(nodes, x, start, stop)
            for start, stop in (
                (0, self.column),
                (self.column, self.column + 1),
                (self.column + 1, end),
            )
        )
        same = nodes.add("Equal", column, nodes.constant(self.categories))
        hot = nodes.add("Cast", same, to=1)
        return nodes.add("Concat", before, hot, after, axis=1)


class Softmax(Strict):
    """Numbers of any size become parts of one, larger for larger."""

    kind: Literal["softmax"]

    def apply(self, rows: Rows) -> Rows:
        grown = np.exp(rows - rows.max(axis=-1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=-1, keepdims=True))

    def build(self, nodes: Nodes, x: str) -> str:
        return nodes.add("Softmax", x, axis=-1)


def _along(values: float | list[float], rows: Rows) -> Rows:
    if isinstance(values, list) and len(values) != rows.shape[-1]:
        raise ValueError(f"{len(values)} numbers for {rows.shape[-1]} columns")
    return np.asarray(values, np.float32)


def _columns(nodes: Nodes, x: str, start: int, stop: int) -> str:
    bounds = [nodes.constant([each], np.int64) for each in (start, stop, 1)]
    return nodes.add("Slice", x, *bounds)
