"""
Rows that are alike side by side, in a run of trees.

A tree asks one question after another, and a processor that guesses an answer wrong stands still.
ONNX Runtime asks each tree about some 128 rows in turn: where these are alike, it guesses right
more often, and a run takes about a fifth less time. Which columns tell most, and how they are
spread, the manifest says. A tree answers each row by itself, in the same steps whatever its
neighbours, and answers come back in the order of the rows. Whatever is not known to be trees, of
one table of numbers, is run as its rows come.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.columns import described
from wherry.engine import Engine
from wherry.manifest import Manifest, NumberHistogram
from wherry.protocol.signature import VARIABLE

FEW = 2048  # rows that are not worth it
PARTS = 4  # of each column, at some of its deciles: of four columns, as many as a byte can tell
COLUMNS = 4
_TABLE = 2

Edges = tuple[float, ...]


def alike(engine: Engine, manifest: Manifest) -> Engine:
    """The engine itself, where nothing is known that would help it."""
    columns = _telling(manifest)
    return _Alike(engine, columns) if columns else engine


class _Alike:
    """An engine that runs rows in another order than they came in."""

    def __init__(self, engine: Engine, columns: Mapping[int, Edges]) -> None:
        self.inputs, self.outputs = engine.inputs, engine.outputs
        self._engine, self._columns = engine, columns

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> list[NDArray[Any]]:
        """See Engine."""
        ((name, rows),) = feeds.items()
        if len(rows) < FEW:
            return self._engine.run(outputs, feeds, times)
        order = self._order(rows)
        answers = self._engine.run(outputs, {name: rows[order]}, times)
        return [_put_back(answer, order) for answer in answers]

    def _order(self, rows: NDArray[Any]) -> NDArray[np.intp]:
        """By which part of each column a row is in; what is no number is in the first."""
        place = np.zeros(len(rows), np.uint8)
        for column, edges in self._columns.items():
            place *= PARTS
            for edge in edges:
                place += rows[:, column] > edge
        return np.argsort(place, kind="stable")


def _put_back(answer: NDArray[Any], order: NDArray[np.intp]) -> NDArray[Any]:
    back = np.empty_like(answer)
    back[order] = answer
    return back


def _telling(manifest: Manifest) -> dict[int, Edges]:
    """The most telling columns, by their place in the table, and where to part each."""
    tensors = (*manifest.inputs, *manifest.outputs)
    if (
        manifest.parity.family != "trees"
        or manifest.pipeline is not None
        or manifest.baselines is None
        or [(each.datatype, len(each.shape)) for each in manifest.inputs] != [("FP32", _TABLE)]
        or any(each.shape[:1] != (VARIABLE,) for each in tensors)
    ):
        return {}
    (table,) = manifest.inputs
    features = described(manifest.inputs, manifest.features).get(table.name, ())
    names = [each.name for each in features] or [
        f"{table.name}.{number}" for number in range(table.shape[1])
    ]
    told: dict[int, Edges] = {}
    for name in manifest.baselines.pairs[:COLUMNS]:
        histogram = manifest.baselines.inputs.get(name)
        if isinstance(histogram, NumberHistogram) and name in names:
            told[names.index(name)] = _parts(histogram.edges)
    return told


def _parts(edges: Edges) -> Edges:
    """As even ones as there are: three of nine deciles; all of three edges or fewer."""
    if len(edges) < PARTS:
        return edges
    return tuple(edges[len(edges) * part // PARTS] for part in range(1, PARTS))
