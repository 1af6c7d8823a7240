"""One set of rows, asked of both models and compared; the worst of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.parity.asking import Ask, Told, asked, picked, rows_of
from models.preparation.parity.certificate import Compared, SetTold, WorstRow
from models.preparation.parity.compare import Differences, differences, joined
from models.preparation.parity.gates import Gates
from models.preparation.parity.rows import HELD_OUT, RowSet
from wherry.errors import ParityError

Rows = NDArray[Any]
WORST = 5
SHOWN = 40  # numbers of an input, and letters of a text, that a certificate shows


@dataclass(frozen=True)
class Tried:
    """`kept` are the compared rows' numbers in the set; `told` and `found` are in their order."""

    rows: RowSet
    told: SetTold
    kept: Rows
    trained: Told
    converted: Told
    found: Differences

    def worst(self) -> list[WorstRow]:
        return [self._row(int(at)) for at in self.found.worst_first()[:WORST]]

    def _row(self, at: int) -> WorstRow:
        row = int(self.kept[at])
        return WorstRow(
            set=self.rows.name,
            row=row,
            inputs=_shown(self.rows.feeds, row),
            trained=_answer(self.trained, row),
            converted=_answer(self.converted, row),
            error=float(self.found.error[at]),
            flipped=bool(self.found.flipped[at]),
            over=bool(self.found.over[at]),
        )


def tried(rows: RowSet, trained: Ask, converted: Ask, gates: Gates) -> Tried:
    """Raise ParityError if the trained model refuses every real row, or an output is missing."""
    truth = asked(trained, rows.feeds)
    if rows.name == HELD_OUT and not truth.took.all():
        raise ParityError(
            f"{int((~truth.took).sum())} held-out rows",
            f"the trained model itself refuses them ({truth.why})",
            "Give held-out rows as a client would send them.",
        )
    answer = asked(converted, picked(rows.feeds, truth.took))
    spread = truth.took.copy()
    spread[truth.took] = answer.took  # of all rows, those that both took
    answer = Told(answer.answers, spread, answer.why)
    found = _differences(truth, answer, gates)
    counted = found.finite | (rows.name == HELD_OUT)
    told = SetTold(
        **Compared.made(found.only(counted)).model_dump(),
        name=rows.name,
        what=rows.what,
        gated=rows.gated,
        of=max(rows.of, rows_of(rows.feeds)),
        refused=int((~truth.took).sum()),
        refusal=truth.why,
        unanswered=int((~counted).sum()),
    )
    kept = np.flatnonzero(truth.took)[counted]
    return Tried(rows, told, kept, truth, answer, found.only(counted))


def _differences(truth: Told, answer: Told, gates: Gates) -> Differences:
    """Of the rows that the trained model took; one that the converted one refuses is wrong."""
    rows = int(truth.took.sum())
    both = answer.took[truth.took]
    wrong, fine = np.zeros(rows, np.bool_), np.ones(rows, np.bool_)
    whole = Differences(
        np.full(rows, np.inf), np.zeros(rows), wrong, wrong.copy(), fine, fine.copy()
    )
    if both.any():
        part = differences(picked(truth.answers, both), answer.answers, gates)
        for name in Differences.__dataclass_fields__:
            getattr(whole, name)[both] = getattr(part, name)
    return whole


def together(parts: list[Tried]) -> Differences:
    """Of all gated sets."""
    return joined([each.found for each in parts if each.told.gated])


def _answer(told: Told, row: int) -> dict[str, Any]:
    if not told.took[row]:
        return {"refused": told.why}
    return _shown(told.answers, int(told.took[:row].sum()))


def _shown(values: Mapping[str, Rows], row: int) -> dict[str, Any]:
    return {name: _short(np.asarray(each[row])) for name, each in values.items()}


def _short(value: Rows) -> Any:
    cells = [cell[:SHOWN] if isinstance(cell, str) else cell for cell in value.ravel().tolist()]
    if value.ndim == 0:
        return cells[0]
    return cells if len(cells) <= SHOWN else [*cells[:SHOWN], f"… {len(cells) - SHOWN} more"]
