"""
The certificate made: every set asked of both models, the other checks, and the verdict.

Nothing is published without it. Beyond a gate the model is refused, with the worst row and what to
do about it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from numpy.typing import NDArray

from models.preparation.parity import checks
from models.preparation.parity.asking import converted, inputs_of, rows_of, trained
from models.preparation.parity.certificate import (
    Certificate,
    Compared,
    Metric,
    Precision,
    WorstRow,
    binned,
)
from models.preparation.parity.gates import Gates
from models.preparation.parity.planning import planned
from models.preparation.parity.refusal import refusal
from models.preparation.parity.rows import HELD_OUT, THRESHOLDS, Plan, RowSet, adversarial, sent
from models.preparation.parity.train_only import find
from models.preparation.parity.trees import trees_of
from models.preparation.parity.tried import WORST, Tried, together, tried
from models.preparation.sources.source import Source, Values
from models.preparation.steps.pipeline import NO_STEPS, Steps

ENGINES = ("numpy", "onnx", "onnxruntime")


@dataclass(frozen=True, kw_only=True)
class Beside:
    """
    What a certificate can take beside the models and rows: the held-out rows' `truth` (for a metric
    gate), and the graph as it was before steps were folded in (`plain`), whose trees take the
    estimator's columns.
    """

    truth: NDArray[Any] | None = None
    plain: bytes | None = None
    seed: int = 0


NOTHING = Beside()


def prove(
    source: Source,
    model: bytes,
    rows: Values,
    *,
    gates: Gates,
    steps: Steps = NO_STEPS,
    beside: Beside = NOTHING,
) -> Certificate:
    """Raise ParityError, with the worst row and what to do, if the two do not answer alike."""
    certificate = compared(source, model, rows, gates=gates, steps=steps, beside=beside)
    if not certificate.passed:
        raise refusal(certificate)
    return certificate


def compared(
    source: Source,
    model: bytes,
    rows: Values,
    *,
    gates: Gates,
    steps: Steps = NO_STEPS,
    beside: Beside = NOTHING,
) -> Certificate:
    """
    The certificate, whether it is passed or not; `rows` may be none.

    Raise ParityError where nothing can be compared: no such output, or all held-out rows refused.
    """
    import onnx

    facts, graph, ask = source.facts, onnx.load_from_string(model), converted(model)
    datatypes: dict[str, str] = {each.name: each.datatype for each in inputs_of(source, steps)}
    feeds = sent(rows, datatypes)
    plan = planned(source, graph, feeds, steps, beside.seed)
    parts = [tried(each, trained(source, steps), ask, gates) for each in _sets(plan, feeds)]
    parts += _plain(source, plan, gates, steps, beside.plain)
    batches, metric = checks.batches(ask, plan.base, gates), _metric(parts, beside.truth)
    return Certificate(
        passed=_passed(gates, parts, metric) and batches.within(gates),
        **{name: getattr(facts, name) for name in ("estimator", "task", "family")},
        gates=gates.told(),
        seed=beside.seed,
        inputs=datatypes,
        steps=steps.told(),
        **_of_sets(parts),
        batches=batches,
        float64=_precision(source, rows, gates, steps),
        train_only=tuple(find(model)),
        second_engine=checks.second_engine(graph, ask, plan.base, gates),
        metric=metric,
        notes=_notes(graph, plan, beside.plain),
        libraries={**facts.libraries, **{name: version(name) for name in ENGINES}},
    )


def _sets(plan: Plan, feeds: Values) -> Iterator[RowSet]:
    if feeds and rows_of(feeds):
        yield RowSet(HELD_OUT, "real rows that the model did not learn", feeds)
    yield from adversarial(plan)


def _plain(
    source: Source, plan: Plan, gates: Gates, steps: Steps, plain: bytes | None
) -> list[Tried]:
    """Thresholds behind declared steps: of the estimator alone, without the steps."""
    import onnx

    if plain is None or not steps:
        return []
    (rows,) = plan.base.values()
    graph, name = onnx.load_from_string(plain), source.facts.inputs[0].name
    inner = planned(source, graph, {name: steps.before(rows)}, NO_STEPS, plan.seed)
    ask, truth = converted(plain), trained(source, NO_STEPS)
    return [
        tried(replace(each, what=f"{each.what}; after the declared steps"), truth, ask, gates)
        for each in adversarial(inner)
        if each.name == THRESHOLDS
    ]


def _of_sets(parts: list[Tried]) -> dict[str, Any]:
    """What the certificate tells of the sets: each, all together, and the worst rows."""
    whole = together(parts)
    return {
        "total": Compared.made(whole),
        "sets": tuple(each.told for each in parts),
        "errors": binned(whole.error),
        "worst": _worst(parts),
    }


def _passed(gates: Gates, parts: Sequence[Tried], metric: Metric | None) -> bool:
    if gates.kind == "closeness":
        return all(each.told.within(gates) for each in parts if each.told.gated)
    held_out = [each.told for each in parts if each.told.name == HELD_OUT]
    agreed = all(each.label_agreement >= gates.label_agreement for each in held_out)
    return agreed and (metric is None or metric.drop <= gates.metric_drop + 1e-12)


def _metric(parts: Sequence[Tried], truth: NDArray[Any] | None) -> Metric | None:
    held_out = next((each for each in parts if each.told.name == HELD_OUT), None)
    if truth is None or held_out is None or not held_out.converted.took.all():
        return None
    return checks.metric(truth, held_out.trained.answers, held_out.converted.answers)


def _precision(source: Source, rows: Values, gates: Gates, steps: Steps) -> Precision:
    if steps:
        return Precision(tried=False, why="the declared steps take float32")
    return checks.precision(source, rows, gates)


def _worst(parts: Sequence[Tried]) -> tuple[WorstRow, ...]:
    """Of each gated set that is wrong its worst row, then the worst of all sets."""
    gated = {each.told.name: each.told.gated for each in parts}
    rows = [(at, row) for each in parts for at, row in enumerate(each.worst())]

    def rank(told: tuple[int, WorstRow]) -> tuple[float, ...]:
        at, row = told
        wrong = gated[row.set] and (row.flipped or row.over)
        return (-wrong, at * wrong, -gated[row.set], -row.flipped, -row.over, -row.error)

    return tuple(row for _, row in sorted(rows, key=rank)[:WORST])


def _notes(graph: Any, plan: Plan, plain: bytes | None) -> tuple[str, ...]:
    _, hidden = trees_of(graph)
    if not hidden or plain is not None:
        return ()
    whole = hidden + len(plan.trees)
    why = "take columns that the model makes itself, so no row stands on their thresholds exactly."
    return (f"{hidden} of {whole} ensembles of trees {why}",)
