"""
The checks beside the sets of rows: batches, precision, a second engine, a metric.

Each tells what it found, or why it was not tried; which of it refuses a model, proving.py decides.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import LABEL
from models.preparation.parity.asking import Ask, asked, picked, rows_of, stacked
from models.preparation.parity.certificate import Batches, Metric, Precision, SecondEngine
from models.preparation.parity.compare import differences
from models.preparation.parity.gates import Gates
from models.preparation.sources.source import Source, Values
from wherry.errors import WherryError

Rows = NDArray[Any]
FEW, SAMPLE = 16, 8
MOST_NODES, MOST_TREE_NODES = 300, 5_000
ENGINE = "onnx.reference"
LOOPS = {"Loop", "Scan", "If", "SequenceMap"}


def batches(ask: Ask, base: Values, gates: Gates) -> Batches:
    """Up to 16 rows, alone and together; and none."""
    feeds = picked(base, slice(FEW))
    told = asked(ask, feeds)
    if not told.took.any():
        return Batches(rows=0, wrong=0, max_absolute_error=0, empty="refused")
    feeds = picked(feeds, told.took)
    rows = rows_of(feeds)
    alone = [asked(ask, picked(feeds, slice(at, at + 1))) for at in range(rows)]
    took = np.array([each.took.all() for each in alone])
    parts = [dict(each.answers) for each in alone if each.took.all()]
    found = differences(picked(told.answers, took), stacked(parts), gates)
    return Batches(
        rows=rows,
        wrong=int(found.wrong.sum()) + int((~took).sum()),
        max_absolute_error=float(found.error.max(initial=0)),
        empty=_empty(ask, feeds, told.answers),
    )


def _empty(ask: Ask, feeds: Values, whole: Mapping[str, Rows]) -> Any:
    try:
        none = ask(picked(feeds, slice(0)))
    except WherryError:
        return "refused"
    alike = all(none[name].shape == (0, *values.shape[1:]) for name, values in whole.items())
    return "answered" if alike else "wrong shape"


def precision(source: Source, rows: Values, gates: Gates) -> Precision:
    """What a client loses by sending FP32 what was measured in float64."""
    doubles = [name for name, values in rows.items() if values.dtype == np.float64]
    if not doubles or not rows_of(rows):
        return Precision(tried=False, why="there are no float64 rows")
    rounded = {
        name: values.astype(np.float32) if name in doubles else values
        for name, values in rows.items()
    }
    exact, single = asked(source.answer, rows), asked(source.answer, rounded)
    if not exact.took.all() or not single.took.all():
        return Precision(tried=False, why=exact.why or single.why)
    found = differences(exact.answers, single.answers, gates)
    return Precision(
        tried=True,
        rows=rows_of(rows),
        flips=int((~found.same).sum()),
        max_absolute_error=float(found.error.max(initial=0)),
    )


def second_engine(model: Any, ask: Ask, base: Values, gates: Gates) -> SecondEngine:
    """A few rows by ONNX's own reference, if the graph is small."""
    nodes, trees = model.graph.node, 0
    for node in nodes:
        trees += max(
            (len(each.ints) for each in node.attribute if "Tree" in node.op_type), default=0
        )
    why = ""
    if len(nodes) > MOST_NODES or trees > MOST_TREE_NODES:
        why = f"{len(nodes):,} nodes and {trees:,} of trees are too many for it"
    elif LOOPS & {node.op_type for node in nodes}:
        why = "the graph has loops or branches"
    if why:
        return SecondEngine(engine=ENGINE, tried=False, why=why)
    feeds = picked(base, slice(SAMPLE))
    try:
        told = _reference(model, feeds)
        found = differences(ask(feeds), told, gates)
    except Exception as error:  # noqa: BLE001 - it lacks operators, and says so in many ways
        why = f"it cannot run the graph ({type(error).__name__})"
        return SecondEngine(engine=ENGINE, tried=False, why=why)
    return SecondEngine(
        engine=ENGINE,
        tried=True,
        rows=rows_of(feeds),
        wrong=int(found.wrong.sum()),
        max_absolute_error=float(found.error.max(initial=0)),
    )


def _reference(model: Any, feeds: Values) -> dict[str, Rows]:
    from onnx.reference import ReferenceEvaluator

    names = [each.name for each in model.graph.output]
    with np.errstate(all="ignore"):
        told = ReferenceEvaluator(model).run(names, dict(feeds))
    return {name: np.asarray(values) for name, values in zip(names, told, strict=True)}


def metric(truth: Rows, trained: Mapping[str, Rows], converted: Mapping[str, Rows]) -> Metric:
    """Accuracy, or R², of both on the held-out rows."""
    if LABEL in trained:
        scores = [float(np.mean(_same(truth, answers[LABEL]))) for answers in (trained, converted)]
        return Metric(name="accuracy", trained=scores[0], converted=scores[1])
    from sklearn.metrics import r2_score

    wanted = np.asarray(truth, np.float64).reshape(len(truth), -1)
    scores = [
        float(r2_score(wanted, next(iter(answers.values())).reshape(wanted.shape)))
        for answers in (trained, converted)
    ]
    return Metric(name="r2", trained=scores[0], converted=scores[1])


def _same(truth: Rows, label: Rows) -> NDArray[np.bool_]:
    pairs = zip(np.asarray(truth).tolist(), label.ravel().tolist(), strict=True)
    return np.asarray([one == other for one, other in pairs])
