"""
The rows that judge a composite: those that none of its members has learnt.

Members that take the same input were each judged by rows of their own; only a row that all of them
held out is new to the composite. Where inputs are of different members, rows are put side by side.
What no member takes has no rows: a switch's input goes through its cases in turn.
"""

from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preparation.build import HELD_OUT
from models.preparation.composing.wiring import Wired
from wherry.errors import ConfigurationError
from wherry.pipeline.spec import SwitchStep
from wherry.protocol.datatypes import TO_NUMPY

Rows = NDArray[Any]


class Judges(NamedTuple):
    """`truth` is None where an input had to be made up: then only parity can be measured."""

    feeds: dict[str, Rows]
    truth: Rows | None


def judges(where: str, wired: Wired, builds: Mapping[str, Path]) -> Judges:
    """Raise ConfigurationError if no row is new to all members; `builds` are their folders."""
    kinds = {each.name: TO_NUMPY[each.datatype] for each in wired.inputs}
    feeds: dict[str, Rows] = {}
    truths: list[Rows] = []
    for source, takers in wired.takers.items():
        X, y = _common([builds[model] for model, _ in takers])
        if not len(X):
            models = ", ".join(dict.fromkeys(model for model, _ in takers))
            raise ConfigurationError(
                where, f"no row was held out by all of {models}", "Split them by the same seed."
            )
        feeds[source] = X.astype(kinds[source])
        truths.append(y)
    rows = min(map(len, feeds.values()))
    made_up = {
        each.name: _made_up(wired, each.name, rows, kinds[each.name])
        for each in wired.inputs
        if each.name not in feeds
    }
    truth = truths[0][:rows] if len(feeds) == 1 and not made_up else None
    return Judges({name: X[:rows] for name, X in feeds.items()} | made_up, truth)


def _common(builds: list[Path]) -> tuple[Rows, Rows]:
    """The first member's rows that all the others held out too."""
    kept = [_read(build) for build in dict.fromkeys(builds)]
    others = [{row.tobytes() for row in X} for X, _ in kept[1:]]
    X, y = kept[0]
    mine = [all(row.tobytes() in other for other in others) for row in X]
    return X[mine], y[mine]


def _read(build: Path) -> tuple[Rows, Rows]:
    with np.load(build / HELD_OUT, allow_pickle=False) as kept:
        return np.ascontiguousarray(kept["X"]), kept["y"]


def _made_up(wired: Wired, name: str, rows: int, dtype: Any) -> Rows:
    cases = [
        case
        for step in wired.spec.steps
        if isinstance(step, SwitchStep) and step.by == name
        for case in step.cases
    ]
    values: list[Any] = list(islice(cycle(cases or ["0"]), rows))
    if dtype.kind == "b":
        values = [value == "true" for value in values]
    return np.array(values, object).astype(dtype)
