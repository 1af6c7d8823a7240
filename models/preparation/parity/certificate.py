"""
`parity.json`: what was tried, how the two models differed, and whether that is within the gates.

It holds no clock and no machine: the same model and rows give the same bytes. Numbers that JSON
does not know are told as text ("NaN", "Infinity").
"""

import json
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from models.preparation.parity.compare import Differences
from models.preparation.parity.gates import Gates
from models.preparation.parity.rows import HELD_OUT
from wherry.manifest import Parity

EDGES = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


class Told(BaseModel):
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")


class Compared(Told):
    """
    Of some rows. `ties` are rows with another label that is as good; they are no flips. Absolute
    errors are in proportion above 1; relative ones are of numbers that are not nearly 0.
    """

    rows: int
    label_agreement: float
    class_flip_rate: float
    flips: int
    ties: int
    rows_over_tolerance: int
    max_absolute_error: float
    mean_absolute_error: float
    max_relative_error: float
    mean_relative_error: float

    @classmethod
    def made(cls, found: Differences) -> Self:
        rows, flips = len(found.error), int(found.flipped.sum())
        return cls(
            rows=rows,
            label_agreement=1 - flips / rows if rows else 1.0,
            class_flip_rate=flips / rows if rows else 0.0,
            flips=flips,
            ties=int((~found.same & found.tie).sum()),
            rows_over_tolerance=int(found.over.sum()),
            max_absolute_error=float(found.error.max(initial=0)),
            mean_absolute_error=float(found.error.mean()) if rows else 0.0,
            max_relative_error=float(found.relative.max(initial=0)),
            mean_relative_error=float(found.relative.mean()) if rows else 0.0,
        )

    def within(self, gates: Gates) -> bool:
        """Whether no more rows are wrong than the gate lets be."""
        most = (1 - gates.label_agreement) * self.rows + 1e-9
        return self.flips <= most and self.rows_over_tolerance <= most


class SetTold(Compared):
    """
    One set of rows: `of` so many, the trained model `refused` some (`refusal` is why) and has no
    finite answer to `unanswered`; neither kind is compared. Of a set that is not `gated` the
    differences are told and refuse nothing.
    """

    name: str
    what: str
    gated: bool
    of: int
    refused: int
    refusal: str
    unanswered: int


class WorstRow(Told):
    """A row, what each model answers to it, and how far off that is."""

    set: str
    row: int
    inputs: dict[str, Any]
    trained: dict[str, Any]
    converted: dict[str, Any]
    error: float
    flipped: bool
    over: bool


class Precision(Told):
    """The trained model's answers to float64 rows against those to the same rows as float32."""

    tried: bool
    why: str = ""
    rows: int = 0
    flips: int = 0
    max_absolute_error: float = 0.0


class SecondEngine(Told):
    """What another implementation of ONNX answers, against the one that serves."""

    engine: str
    tried: bool
    why: str = ""
    rows: int = 0
    wrong: int = 0
    max_absolute_error: float = 0.0


class Batches(Told):
    """Rows alone against rows together, and no rows at all (`empty`: what came of it)."""

    rows: int
    wrong: int
    max_absolute_error: float
    empty: Literal["answered", "refused", "wrong shape"]

    def within(self, gates: Gates) -> bool:
        """
        A model may refuse to compute nothing: the service then says so. A quantized one may round
        by what else is in the batch.
        """
        return self.empty != "wrong shape" and (not self.wrong or gates.kind == "metric")


class Metric(Told):
    """Of the held-out rows; without their truth, how far the trained model's own is met."""

    name: str
    trained: float
    converted: float

    @property
    def drop(self) -> float:
        return self.trained - self.converted


class Bin(Told):
    """So many rows have an error up to `upto` (the last: any above), and above the bin before."""

    upto: float | None
    rows: int


class Certificate(Told):
    """`total` is of all gated sets; `worst` are the worst rows of all sets, the worst first."""

    schema_version: Literal[2] = 2
    passed: bool
    estimator: str
    task: str
    family: str
    gates: dict[str, Any]
    seed: int
    inputs: dict[str, str]
    steps: dict[str, Any]
    total: Compared
    sets: tuple[SetTold, ...]
    errors: tuple[Bin, ...]
    worst: tuple[WorstRow, ...]
    batches: Batches
    float64: Precision
    train_only: tuple[str, ...]
    second_engine: SecondEngine
    metric: Metric | None
    notes: tuple[str, ...]
    libraries: dict[str, str]

    @property
    def held_out(self) -> Compared | None:
        return next((each for each in self.sets if each.name == HELD_OUT), None)

    @property
    def summary(self) -> Parity:
        """The part that the manifest carries: labels and errors are of all gated rows."""
        held_out = self.held_out.rows if self.held_out else 0
        return Parity(
            rows=held_out,
            label_agreement=self.total.label_agreement,
            max_absolute_error=self.total.max_absolute_error,
            tolerance=float(self.gates["atol"]),
            family=self.family,
            gate=self.gates["kind"],
            adversarial_rows=sum(each.rows for each in self.sets) - held_out,
            class_flip_rate=self.total.class_flip_rate,
            mean_absolute_error=self.total.mean_absolute_error,
            rows_over_tolerance=self.total.rows_over_tolerance,
        )

    def to_bytes(self) -> bytes:
        """JSON with sorted keys, for people too."""
        told = json.loads(self.model_dump_json())
        return (json.dumps(told, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()


def binned(errors: NDArray[Any]) -> tuple[Bin, ...]:
    """How many errors fall up to each power of ten."""
    numbers = np.searchsorted(np.asarray(EDGES), errors, side="left")
    counts = np.bincount(numbers, minlength=len(EDGES) + 1)
    return tuple(
        Bin(upto=upto, rows=int(rows)) for upto, rows in zip((*EDGES, None), counts, strict=True)
    )
