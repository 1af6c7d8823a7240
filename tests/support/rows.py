"""Rows that find mistakes of a converted model, and what agreeing means."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.preparation.sources.source import Source
from wherry.session import Session

Rows = NDArray[Any]
MODES = {b"BRANCH_LEQ", b"BRANCH_LT"}
NEAR = 1e-5


def converted_answers(model: bytes, source: Source, feeds: dict[str, Rows]) -> dict[str, Rows]:
    """By the session that serves."""
    session = Session(model, threads=1)
    assert session.inputs == {each.name: each.datatype for each in source.facts.inputs}
    assert session.outputs == {each.name: each.datatype for each in source.facts.outputs}
    names = [each.name for each in source.facts.outputs]
    return dict(zip(names, session.run(names, feeds), strict=True))


def wrong_rows(source: Source, feeds: dict[str, Rows], model: bytes | None = None) -> int:
    """On how many rows the converted model answers otherwise; their shapes are the same."""
    told = converted_answers(model or source.convert(), source, feeds)
    answers = source.answer(feeds)
    assert answers.keys() == told.keys()
    wrong = np.zeros(len(next(iter(feeds.values()))), np.bool_)
    for spec in source.facts.outputs:
        mine, theirs = told[spec.name], answers[spec.name]
        assert mine.shape == theirs.shape
        assert len(spec.shape) == mine.ndim
        assert all(size in (-1, found) for size, found in zip(spec.shape, mine.shape, strict=True))
        if len(wrong):
            wrong |= _differ(mine, theirs).reshape(len(wrong), -1).any(axis=1)
    return int(wrong.sum())


def _differ(mine: Rows, theirs: Rows) -> Rows:
    if mine.dtype.kind != "f":
        return np.asarray(mine != theirs)
    near = np.isclose(mine, theirs.astype(np.float64), rtol=NEAR, atol=NEAR, equal_nan=True)
    return np.asarray(~near)


def on_thresholds(model: bytes, table: Rows, most: int = 3000) -> Rows:
    """Real rows, each moved onto a threshold of the trees, or one float32 step to a side of it."""
    rng = np.random.default_rng(0)
    found = sorted(_thresholds(model))
    rows = []
    for feature, threshold in found[:most]:
        for value in _around(np.float32(threshold)):
            row = table[rng.integers(len(table))].astype(np.float32)
            row[feature] = value
            rows.append(row)
    return np.stack(rows)


def _around(at: np.float32) -> list[Any]:
    with np.errstate(over="ignore"):
        sides = [np.nextafter(at, np.float32(side)) for side in (-np.inf, np.inf)]
    return [at, *(each for each in sides if np.isfinite(each))]


def _thresholds(model: bytes) -> set[tuple[int, float]]:
    found: set[tuple[int, float]] = set()
    for node in onnx.load_from_string(model).graph.node:
        if not node.op_type.startswith("TreeEnsemble"):
            continue
        told = {each.name: each for each in node.attribute}
        values = told["nodes_values"].floats
        modes = told["nodes_modes"].strings
        features = told["nodes_featureids"].ints
        found |= {
            (feature, value)
            for feature, value, mode in zip(features, values, modes, strict=True)
            if mode in MODES
        }
    return found


def with_holes(table: Rows, share: float = 0.2) -> Rows:
    """Some numbers are missing."""
    holed = table.astype(np.float32)
    holed[np.random.default_rng(1).random(table.shape) < share] = np.nan
    return holed
