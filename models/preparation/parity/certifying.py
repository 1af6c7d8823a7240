"""
Parity: the converted model must answer like the trained one, row by row.

Both get the held-out rows as a client sends them. The converted one, with all that is folded into
it, runs in the very session that serves; the trained one stands between the steps as NumPy does
them. Trees are step functions, so a mean would hide a row on the wrong
branch: every label must agree, the largest error counts, and the worst row is shown.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from models.preparation.agreement import Agreement, row_errors
from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES
from models.preparation.steps.pipeline import NO_STEPS, Answers, Steps, ask
from wherry.errors import ParityError
from wherry.protocol.datatypes import TO_NUMPY
from wherry.session import Session

Rows = NDArray[Any]


class WorstRow(BaseModel):
    """The held-out row on which the two differ most."""

    model_config = ConfigDict(frozen=True)

    row: int
    features: list[Any]
    trained: list[Any]
    converted: list[Any]


class Certificate(Agreement):
    """`parity.json` of an estimator: how it and the converted model compared."""

    dtype: str
    mean_absolute_error: float
    worst: WorstRow

    @property
    def passed(self) -> bool:
        return self.label_agreement == 1 and self.rows_over_tolerance == 0


def certify(
    estimator: Any, model: bytes, X: Rows, *, task: str, tolerance: float, steps: Steps = NO_STEPS
) -> Certificate:
    """Raise ParityError, with the worst row and what to do, if the two do not answer alike."""
    tensor = steps.tensor(X.shape[1])
    rows = np.ascontiguousarray(X, TO_NUMPY[tensor.datatype])
    trained = steps.after(ask(estimator, steps.before(rows), task))
    converted = _converted(model, {tensor.name: rows}, task)
    certificate = _compared(trained, converted, rows, tolerance, steps.told())
    if not certificate.passed:
        raise _refusal(certificate)
    return certificate


def _converted(model: bytes, feeds: dict[str, Rows], task: str) -> Answers:
    session = Session(model, threads=1)
    if task == "classification":
        label, probabilities = session.run((LABEL, PROBABILITIES), feeds)
        return Answers(probabilities, label)
    return Answers(session.run((PREDICTION,), feeds)[0])


def _compared(
    trained: Answers, converted: Answers, rows: Rows, tolerance: float, steps: dict[str, Any]
) -> Certificate:
    same = _same_labels(trained.label, converted.label, len(rows))
    errors = row_errors(trained.numbers, converted.numbers)
    worst = int(np.lexsort((errors, ~same))[-1])  # a wrong label is worse than any error
    return Certificate(
        rows=len(rows),
        dtype=str(rows.dtype),
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
        steps=steps,
    )


def _same_labels(one: Rows | None, other: Rows | None, rows: int) -> NDArray[np.bool_]:
    if one is None or other is None:
        return np.ones(rows, np.bool_)
    return np.asarray(np.asarray(one.tolist()) == np.asarray(other.tolist()))


def _told(answers: Answers, row: int) -> list[Any]:
    label = [] if answers.label is None else [answers.label[row : row + 1].tolist()[0]]
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
