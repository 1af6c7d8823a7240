"""
The report of one optimisation, as data: `optimization.json`, and what the page is drawn from.

It tells what was measured, on what, and what was decided why. Errors are told against fp32.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.preparation.optimizing.measured import BASE, Candidate
from models.preparation.optimizing.optimising import Outcome
from models.preparation.optimizing.quality import errors_of
from models.preparation.optimizing.settled import Answers
from models.preparation.optimizing.subject import OptimizeOptions
from models.preparation.sources.source import Values
from wherry.ort import onnxruntime

WORST = 5
SHOWN = 120  # characters of what a row holds
DECADES = (0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class WorstRow:
    """A held-out row, from 0; what goes in and comes out, as text, cut short."""

    row: int
    error: float
    inputs: str
    wanted: str
    found: str


@dataclass(frozen=True)
class Judged:
    """
    A candidate, and why it was chosen or dropped. `errors` counts rows by decade: exactly 0, up to
    1e-8, and so on; the last is all above 1.
    """

    candidate: Candidate
    reason: str
    errors: tuple[int, ...] = ()
    worst: tuple[WorstRow, ...] = ()


@dataclass(frozen=True)
class Report:
    model: str
    chosen: str
    onnxruntime: str
    machine: str
    options: OptimizeOptions
    rows: int
    judged: tuple[Judged, ...]
    notes: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """`optimization.json`."""
        return (json.dumps(asdict(self), indent=2) + "\n").encode()

    def of(self, name: str) -> Judged:
        return next(each for each in self.judged if each.candidate.name == name)


def report_of(model: str, rows: Values, options: OptimizeOptions, outcome: Outcome) -> Report:
    """`rows` are the held-out ones."""
    return Report(
        model=model,
        chosen=outcome.choice.name,
        onnxruntime=onnxruntime.__version__,
        machine=f"{platform.machine()}, {os.cpu_count()} CPUs",
        options=options,
        rows=len(next(iter(rows.values()))),
        judged=tuple(_judged(each, rows, outcome) for each in outcome.candidates),
        notes=outcome.notes,
    )


def _judged(one: Candidate, rows: Values, outcome: Outcome) -> Judged:
    reason = outcome.choice.reasons.get(one.name) or one.reason or ""
    if one.name == BASE or one.name not in outcome.answers:
        return Judged(one, reason)
    wanted, found = outcome.answers[BASE], outcome.answers[one.name]
    errors = errors_of(wanted, found)
    counts = np.histogram(errors, [0.0, np.nextafter(0, 1), *DECADES[1:], np.inf])[0]
    worst = _worst(errors, wanted, found)
    told = tuple(
        WorstRow(row, float(errors[row]), *(_text(each, row) for each in (rows, wanted, found)))
        for row in worst
    )
    return Judged(one, reason, tuple(map(int, counts)), told)


def _worst(errors: Any, wanted: Answers, found: Answers) -> list[int]:
    """Rows whose labels differ first, then by error; none that agrees to the bit."""
    differs = np.zeros(len(errors), np.bool_)
    for name, tensor in wanted.items():
        if tensor.dtype.kind != "f":
            same = np.asarray(tensor.tolist()) == np.asarray(found[name].tolist())
            differs |= ~same.reshape(len(errors), -1).all(axis=1)
    order = np.lexsort((errors, differs))[::-1]
    return [int(row) for row in order[:WORST] if errors[row] > 0 or differs[row]]


def _text(values: Values, row: int) -> str:
    one = {name: array[row : row + 1].tolist()[0] for name, array in values.items()}
    told = ", ".join(f"{name} {_rounded(value)}" for name, value in one.items())
    return told if len(told) <= SHOWN else f"{told[:SHOWN]} …"


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
