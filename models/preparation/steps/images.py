"""Steps on images, rows x height x width (x channels), and from there to a table."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.preparation.steps.nodes import Nodes
from models.preparation.tables import Strict

Rows = NDArray[Any]
GREY, COLOUR = 3, 4  # axes


class Resize(Strict):
    """
    Each image to `height` x `width`.

    `linear` blends all that a new pixel covers, as Pillow's bilinear filter does (antialiased);
    `nearest` takes the pixel that lies in its middle.
    """

    kind: Literal["resize"]
    height: int = Field(ge=1, le=4096)
    width: int = Field(ge=1, le=4096)
    mode: Literal["linear", "nearest"] = "linear"

    def apply(self, rows: Rows) -> Rows:
        if rows.ndim not in (GREY, COLOUR):
            raise ValueError("an image has a height and a width")
        weights = _triangles if self.mode == "linear" else _middles
        tall, wide = weights(rows.shape[1], self.height), weights(rows.shape[2], self.width)
        taller = np.einsum("oh,nh...->no...", tall, rows)
        return np.asarray(np.einsum("ow,nhw...->nho...", wide, taller), np.float32)

    def build(self, nodes: Nodes, x: str) -> str:
        blends = self.mode == "linear"
        return nodes.add(
            "Resize", x, "", "", nodes.constant([self.height, self.width], np.int64),
            axes=[1, 2],
            mode=self.mode,
            coordinate_transformation_mode="half_pixel",
            nearest_mode="round_prefer_floor",
            antialias=int(blends),
            exclude_outside=int(blends),
        )  # fmt: skip


class Flatten(Strict):
    """Each row's numbers, one after the other: the columns of a table."""

    kind: Literal["flatten"]

    def apply(self, rows: Rows) -> Rows:
        return rows.reshape(len(rows), -1)

    def build(self, nodes: Nodes, x: str) -> str:
        return nodes.add("Flatten", x, axis=1)


def _triangles(old: int, new: int) -> Rows:
    """How much each old pixel counts in each new one; in a smaller image they cover several."""
    step = old / new
    away = np.abs(np.arange(old) - _centres(old, new)) / max(1.0, step)
    weights = np.maximum(0, 1 - away)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _middles(old: int, new: int) -> Rows:
    nearest = np.clip(np.ceil(_centres(old, new) - 0.5), 0, old - 1)
    return np.asarray(np.arange(old) == nearest, np.float64)


def _centres(old: int, new: int) -> Rows:
    """Where the middle of each new pixel lies, counted in old ones."""
    return np.asarray((np.arange(new)[:, None] + 0.5) * old / new - 0.5)
