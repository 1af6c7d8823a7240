"""The certificate for people: one HTML page that stands alone, and lines for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.preparation.drawing.page import (
    figure,
    listed,
    page,
    paragraph,
    section,
    table,
    verdict,
)
from models.preparation.drawing.scale import short
from models.preparation.drawing.svg import Bar, histogram
from models.preparation.parity.certificate import Certificate, SetTold
from models.preparation.parity.gates import Gates

SETS = (
    "set",
    "rows",
    "flips",
    "ties",
    "over",
    "largest error",
    "mean error",
    "relative",
    "refused",
)
COMMENTS = {
    "rows": "rows that both models were asked and that were compared",
    "flips": "rows with another label",
    "ties": "rows with another label that is as good: the largest numbers are as near as can be",
    "over": "rows with a number beyond the gate",
    "refused": "rows that the trained model itself refuses, or has no finite answer to",
}


def html(told: Certificate, facts: Mapping[str, str]) -> bytes:
    """`facts` are of the artifact, a name and a text each: model, version, files, digests."""
    title = f"Parity of {facts.get('model', told.estimator)}"
    return page(
        title,
        [
            verdict(outcome(told), good=told.passed),
            paragraph(f"Gate: {Gates(**told.gates)}. Family: {told.family}."),
            _sets(told),
            _errors(told),
            _worst(told),
            section("float64 and float32", paragraph(precision(told))),
            section("The rest", listed(rest(told))),
            section("Of what", table(("", ""), [*facts.items(), *_about(told)], long={1})),
        ],
    )


def outcome(told: Certificate) -> str:
    """The verdict in a sentence."""
    rows = sum(each.rows for each in told.sets)
    if told.passed:
        return f"The converted model answers like the trained one: {rows:,} rows compared."
    total = told.total
    return (
        f"Refused: of {total.rows:,} rows that count {total.flips:,} have another label, and "
        f"{total.rows_over_tolerance:,} a number beyond the gate."
    )


def precision(told: Certificate) -> str:
    """What a client loses by sending FP32."""
    found = told.float64
    if not found.tried:
        return f"Not compared: {found.why}."
    lost = (
        f"{found.flips:,} of {found.rows:,} labels change"
        if told.task == "classification"
        else f"{found.rows:,} rows were compared"
    )
    return (
        f"The trained model asked in float64, and with the same rows as float32: {lost}; the "
        f"largest difference is {short(found.max_absolute_error)}. So much a client loses by "
        "sending FP32."
    )


def rest(told: Certificate) -> list[str]:
    """Batches, the second engine, what is left of training, a metric, notes."""
    found = told.second_engine
    second = f"{found.engine}: not tried; {found.why}"
    if found.tried:
        agreed = "agrees" if not found.wrong else f"differs on {found.wrong}"
        second = f"{found.engine}: {agreed}, of {found.rows} rows"
    lines = [
        f"{told.batches.rows} rows alone and together: {told.batches.wrong or 'none'} differ",
        f"a batch of no rows: {told.batches.empty}",
        second,
        *(f"left of training: {each}" for each in told.train_only or ["nothing"]),
    ]
    if told.metric:
        lines.append(
            f"{told.metric.name}: {told.metric.trained:.4g} of the trained model, "
            f"{told.metric.converted:.4g} of the converted one"
        )
    return [*lines, *told.notes]


def text(told: Certificate) -> list[str]:
    """Lines of at most 80 letters."""
    lines = [f"{'rows':<18}{'tried':>8}{'flips':>7}{'over':>7}{'largest error':>15}  "]
    for each in told.sets:
        mark = "" if each.gated else "  told only"
        error = short(each.max_absolute_error) if each.rows else ""
        lines.append(
            f"{each.name:<18}{each.rows:>8,}{each.flips:>7,}{each.rows_over_tolerance:>7,}"
            f"{error:>15}{mark or _refusal(each)}"
        )
    return [line.rstrip()[:80] for line in lines]


def _refusal(each: SetTold) -> str:
    return f"  {each.refused:,} refused" if each.refused else ""


def _sets(told: Certificate) -> str:
    rows = [_set(each) for each in told.sets]
    notes = [f"{each.name}: {_set_note(each)}" for each in told.sets]
    legend = [f"{name}: {comment}" for name, comment in COMMENTS.items()]
    return section(
        "What was tried",
        table(SETS, rows, numbers=range(1, len(SETS))),
        listed(notes),
        section("How to read it", listed(legend)),
    )


def _set(each: SetTold) -> list[str]:
    counts = [each.rows, each.flips, each.ties, each.rows_over_tolerance]
    errors = [each.max_absolute_error, each.mean_absolute_error, each.max_relative_error]
    shown = [short(value) if each.rows else "" for value in errors]
    name = each.name if each.gated else f"{each.name} *"
    return [name, *(f"{n:,}" for n in counts), *shown, f"{each.refused + each.unanswered:,}"]


def _set_note(each: SetTold) -> str:
    parts = [each.what]
    if each.of > each.rows + each.refused + each.unanswered:
        parts.append(f"a draw of {each.of:,}")
    if each.refused:
        parts.append(f"the trained model refuses {each.refused:,} ({each.refusal})")
    if not each.gated:
        parts.append("* told only; differences here refuse nothing")
    return "; ".join(parts)


def _errors(told: Certificate) -> str:
    limit = float(told.gates["atol"])
    bars = []
    for low, each in zip((0.0, *(b.upto or 0.0 for b in told.errors)), told.errors, strict=False):
        label = "more" if each.upto is None else short(each.upto)
        bars.append(Bar(label, each.rows, over=low >= limit))
    drawing = histogram(bars, title="Errors by size", x_title="a row's largest error, up to")
    return section(
        "Errors", figure(drawing, "Absolute up to 1, in proportion above; all rows that count.")
    )


def _worst(told: Certificate) -> str:
    rows = [
        [f"{row.set} {row.row}", _values(row.inputs), _values(row.trained), _values(row.converted),
         short(row.error)]
        for row in told.worst
    ]  # fmt: skip
    head = ("row", "inputs", "trained", "converted", "error")
    marked = [at for at, row in enumerate(told.worst) if row.flipped or row.over]
    return section("The worst rows", table(head, rows, numbers={4}, long={1, 2, 3}, marked=marked))


def _values(values: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _about(told: Certificate) -> list[tuple[str, str]]:
    return [
        ("estimator", told.estimator),
        ("inputs", ", ".join(f"{name} {kind}" for name, kind in told.inputs.items())),
        ("seed", str(told.seed)),
        *sorted(told.libraries.items()),
    ]
