"""
The outcome of each cell of a row: it passes, or it is refused before it is published, and why.

Reasons hold no measured number, so that they are the same on every machine.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.preparation.parity.certificate import Certificate
from models.preparation.parity.gates import Gates
from models.preparation.parity.proving import compared
from models.preparation.parity.refusal import refusal
from models.preparation.sources.source import Source
from tests.matrix.case import Case
from tests.matrix.data import data_of
from wherry.errors import WherryError

PASSES = "passes"
NEAR = "at the gate: the last digits of a processor decide"
MARGIN = 3  # so many times within the gate or beyond it, an error is near it
NUMBER = re.compile(r"-?\d[\d.,]*(e[-+]?\d+)?")
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """`cells` are by kind of rows and by size of a batch; `source` and `model` of what converts."""

    cells: Cells
    source: Source | None = None
    model: bytes = b""

    @property
    def passes(self) -> bool:
        kinds = [told for kind, told in self.cells.items() if not kind.startswith("batch")]
        return bool(self.model) and set(kinds) == {PASSES}


def row_of(each: Case) -> Row:
    kinds = data_of(each.data).kinds
    try:
        source = each.source()
        model = source.convert()
    except WherryError as error:
        return Row(dict.fromkeys(kinds, f"not converted: {error.what}"))
    cells: dict[str, str] = {}
    for kind in kinds:
        told = _certificate(each, source, model, kind)
        cells[kind] = told if isinstance(told, str) else _verdict(told)
    if not isinstance(told, str):
        cells["batch of 1"] = "differs" if told.batches.wrong else PASSES
        cells["batch of 0"] = PASSES if told.batches.empty == "answered" else told.batches.empty
    return Row(cells, source, model)


def _certificate(each: Case, source: Source, model: bytes, kind: str) -> Certificate | str:
    gates = Gates.of(source.facts.family)
    try:
        return compared(source, model, data_of(each.data).held_out(kind), gates=gates)
    except WherryError as error:
        return f"refused: {NUMBER.sub('n', error.what)}"


def _verdict(told: Certificate) -> str:
    if _is_near(told):
        return NEAR
    if told.passed:
        return PASSES
    wrong = [each for each in told.sets if each.gated and (each.flips or each.rows_over_tolerance)]
    if not wrong:
        return f"refused: {refusal(told).what}"
    how = "labels differ" if any(each.flips for each in wrong) else "numbers are off"
    return f"refused: {how} on {', '.join(each.name for each in wrong)} rows"


def _is_near(told: Certificate) -> bool:
    """Every label agrees, and the largest number that counts is about as far off as may be."""
    atol, error = told.gates["atol"], told.total.max_absolute_error
    return not told.total.flips and not told.gates["rtol"] and 1 / MARGIN < error / atol < MARGIN
