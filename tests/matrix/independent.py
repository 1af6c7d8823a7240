"""
A second opinion, by code that the certificate does not share: other rows, plainly compared.

Rows are real ones blended two by two, and uniform ones between the extremes; of scikit-learn's own
trees, rows on the thresholds as the estimator has them, in float64, rounded to float32 either way.
Wrong is another label that is no tie, and a number that is off by more than ten times the gate.
"""

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.preparation.sources.parts import parts
from tests.matrix.cells import Row
from tests.matrix.data import Data

Rows = NDArray[Any]
SEED, ROWS = 20261125, 200
TIE = 1e-6


def silent(row: Row, data: Data, estimator: Any) -> str:
    """What is answered wrongly on rows that the certificate did not see, or nothing."""
    assert row.source is not None
    session = onnxruntime.InferenceSession(row.model, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    for feeds in _fresh(data, estimator):
        kept = {each.name: feeds[each.name] for each in session.get_inputs()}
        try:
            wanted = row.source.answer(feeds)
            found = dict(zip(names, session.run(names, kept), strict=True))
        except Exception:  # noqa: BLE001, S112 - one of the two refuses such rows, and says so
            continue
        told = _wrong(wanted, found, network=row.source.facts.family == "network")
        if told:
            return told
    return ""


def _wrong(wanted: Any, found: Any, *, network: bool) -> str:
    ties = np.zeros(len(next(iter(wanted.values()))), np.bool_)
    numbers = wanted.get("probabilities", wanted.get("scores"))
    if numbers is not None and numbers.ndim == 2 and numbers.shape[1] > 1:
        last = np.sort(numbers, axis=1)
        ties = last[:, -1] - last[:, -2] <= (1e-3 if network else TIE)
    for name, exact in wanted.items():
        told = found[name].reshape(exact.shape)
        if exact.dtype.kind != "f":
            off = np.array([a != b for a, b in zip(exact.tolist(), told.tolist(), strict=True)])
            off = off.reshape(len(exact), -1).any(axis=1) & ~ties
        else:
            off = _off(exact.astype(np.float64), told, part=1e-2 if network else 0)
        if off.any():
            at = int(off.argmax())
            return f"{int(off.sum())} of {len(off)} rows: {name} {told[at]} where {exact[at]}"
    return ""


def _off(exact: Rows, told: Rows, *, part: float) -> NDArray[np.bool_]:
    size = np.abs(exact).reshape(len(exact), -1).max(axis=1).reshape(-1, *[1] * (exact.ndim - 1))
    room = 1e-4 * np.maximum(1, size) + part * np.abs(exact)
    off = np.isfinite(exact) & ~(np.abs(told - exact) <= room)
    return np.asarray(off.reshape(len(exact), -1).any(axis=1))


def _fresh(data: Data, estimator: Any) -> list[dict[str, Rows]]:
    random = np.random.default_rng(SEED)
    if data.words:
        return [_words(data, random)]
    real = data.rows[1::2]
    one, other = (real[random.integers(0, len(real), ROWS)] for _ in range(2))
    part = random.uniform(0, 1, (ROWS, 1))
    even = random.uniform(real.min(axis=0), real.max(axis=0), (ROWS, real.shape[1]))
    whole = (np.rint(real) == real).all(axis=0)
    made = [
        np.where(whole, np.rint(each), each) for each in (part * one + (1 - part) * other, even)
    ]
    tables = [*made, *_on_thresholds(real, estimator, random)]
    return [{"features": table.astype(np.float32)} for table in tables]


def _words(data: Data, random: np.random.Generator) -> dict[str, Rows]:
    return {
        name: random.permutation(values).astype(object if name in data.words else np.float32)
        for name, values in data.held_out("text").items()
    }


def _on_thresholds(real: Rows, estimator: Any, random: np.random.Generator) -> list[Rows]:
    """Where a tree takes the columns as they are: of a tree, or what is made of trees."""
    if hasattr(estimator, "steps"):
        return []
    spots: list[tuple[int, float]] = []
    for each in parts(estimator):
        tree = getattr(each, "tree_", None)
        if tree is not None and each.n_features_in_ == real.shape[1]:
            spots += zip(tree.feature.tolist(), tree.threshold.tolist(), strict=True)
        for nodes in getattr(each, "_predictors", ()):
            for inner in nodes:
                told = inner.nodes[inner.nodes["is_leaf"] == 0]
                spots += zip(
                    told["feature_idx"].tolist(), told["num_threshold"].tolist(), strict=True
                )
    spots = [(column, value) for column, value in spots if column >= 0 and np.isfinite(value)]
    if not spots:
        return []
    picked = [spots[at] for at in random.integers(0, len(spots), 2000)]
    tables = []
    for side in (-np.inf, None, np.inf):
        rows = real[random.integers(0, len(real), len(picked))].astype(np.float32)
        for row, (column, value) in zip(rows, picked, strict=True):
            near = np.float32(value)
            row[column] = near if side is None else np.nextafter(near, np.float32(side))
        tables.append(rows)
    return tables
