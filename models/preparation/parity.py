"""
Parity: the converted model must answer like the trained one, row by row.

Both get the held-out rows as float32, which is what a client sends, and the converted one runs in
the very session that serves. Trees are step functions, so a mean would hide a row on the wrong
branch: every label must agree, the largest error counts, and the worst row is shown.
"""

import json
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from models.preparation.convert import INPUT, LABEL, PREDICTION, PROBABILITIES
from wherry.errors import ParityError
from wherry.manifest import Parity
from wherry.session import Session

Rows = NDArray[Any]


class WorstRow(BaseModel):
    """The held-out row on which the two differ most."""

    model_config = ConfigDict(frozen=True)

    row: int
    features: list[float]
    trained: list[Any]
    converted: list[Any]


class Certificate(BaseModel):
    """`parity.json`: how the two compared."""

    model_config = ConfigDict(frozen=True)

    rows: int
    dtype: str
    label_agreement: float
    max_absolute_error: float
    mean_absolute_error: float
    rows_over_tolerance: int
    tolerance: float
    worst: WorstRow

    @property
    def passed(self) -> bool:
        return self.label_agreement == 1 and self.rows_over_tolerance == 0

    @property
    def summary(self) -> Parity:
        """The part that the manifest carries."""
        return Parity(
            rows=self.rows,
            label_agreement=self.label_agreement,
            max_absolute_error=self.max_absolute_error,
            tolerance=self.tolerance,
        )

    def to_bytes(self) -> bytes:
        return (json.dumps(self.model_dump(), indent=2, sort_keys=True) + "\n").encode()


class _Answers(NamedTuple):
    labels: Rows | None  # a regression has none
    numbers: Rows


def certify(estimator: Any, model: bytes, X: Rows, *, task: str, tolerance: float) -> Certificate:
    """Raise ParityError, with the worst row and what to do, if the two do not answer alike."""
    rows = np.ascontiguousarray(X, np.float32)
    trained = _trained(estimator, rows, task)
    certificate = _compared(trained, _converted(model, rows, task), rows, tolerance)
    if not certificate.passed:
        raise _refusal(certificate)
    return certificate


def _trained(estimator: Any, rows: Rows, task: str) -> _Answers:
    answers = np.asarray(estimator.predict(rows))
    if task == "classification":
        return _Answers(answers, np.asarray(estimator.predict_proba(rows)))
    return _Answers(None, answers.reshape(len(rows), -1))


def _converted(model: bytes, rows: Rows, task: str) -> _Answers:
    session = Session(model, threads=1)
    if task == "classification":
        return _Answers(*session.run((LABEL, PROBABILITIES), {INPUT: rows}))
    return _Answers(None, session.run((PREDICTION,), {INPUT: rows})[0])


def _compared(trained: _Answers, converted: _Answers, rows: Rows, tolerance: float) -> Certificate:
    same = _same_labels(trained.labels, converted.labels, len(rows))
    errors = _errors(trained.numbers, converted.numbers)
    worst = int(np.lexsort((errors, ~same))[-1])  # a wrong label is worse than any error
    return Certificate(
        rows=len(rows),
        dtype="float32",
        label_agreement=float(same.mean()),
        max_absolute_error=float(errors.max()),
        mean_absolute_error=float(errors.mean()),
        rows_over_tolerance=int((~(errors <= tolerance)).sum()),  # NaN is over it too
        tolerance=tolerance,
        worst=WorstRow(
            row=worst,
            features=rows[worst].tolist(),
            trained=_told(trained, worst),
            converted=_told(converted, worst),
        ),
    )


def _same_labels(one: Rows | None, other: Rows | None, rows: int) -> NDArray[np.bool_]:
    if one is None or other is None:
        return np.ones(rows, np.bool_)
    return np.asarray(np.asarray(one.tolist()) == np.asarray(other.tolist()))


def _errors(trained: Rows, converted: Rows) -> Rows:
    """Each row's largest error: absolute up to 1, in proportion above (float32 has 7 digits)."""
    wanted = np.asarray(trained, np.float64)
    away = np.abs(wanted - converted) / np.maximum(1, np.abs(wanted))
    return np.asarray(away.max(axis=1))


def _told(answers: _Answers, row: int) -> list[Any]:
    label = [] if answers.labels is None else [answers.labels[row : row + 1].tolist()[0]]
    numbers: list[float] = np.asarray(answers.numbers[row], np.float64).tolist()
    return label + numbers


def _refusal(told: Certificate) -> ParityError:
    worst = told.worst
    return ParityError(
        f"held-out row {worst.row}, features {worst.features}",
        f"the trained model answers {worst.trained}, the converted one {worst.converted}; "
        f"{told.label_agreement:.2%} of {told.rows} labels agree, and {told.rows_over_tolerance} "
        f"rows are over the tolerance of {told.tolerance:g} (largest error "
        f"{told.max_absolute_error:.3g})",
        "Train on float32 rows, choose another estimator, or, if such an error does no harm, raise "
        "[prepare] tolerance. Labels must always agree.",
    )
