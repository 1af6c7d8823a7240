"""
Whether two ways to the same outputs agree, row by row: parity where there is no one estimator.

Fractions may be off by a tolerance; all else must be equal. As for a converted estimator, the worst
row counts and is shown.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from wherry.errors import ParityError
from wherry.manifest import Parity

PARITY = "parity.json"
SHOWN = 200  # characters of a row in a message

Values = Mapping[str, NDArray[Any]]


class Agreement(BaseModel):
    """`parity.json`; `steps` are those of [pipeline] in model.toml, as they are written there."""

    model_config = ConfigDict(frozen=True)

    rows: int
    label_agreement: float
    max_absolute_error: float
    rows_over_tolerance: int
    tolerance: float
    steps: dict[str, Any]

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


def agree(
    feeds: Values, wanted: Values, told: Values, *, tolerance: float, steps: dict[str, Any]
) -> Agreement:
    """Raise ParityError, with the worst row, unless `told` is what is `wanted` of `feeds`."""
    rows = len(next(iter(feeds.values())))
    errors, same = np.zeros(rows), np.ones(rows, np.bool_)
    for name, tensor in wanted.items():
        found = told[name]
        if found.shape != tensor.shape:
            raise ParityError(name, f"{found.shape} came, where {tensor.shape} is wanted")
        if tensor.dtype.kind == "f":
            errors = np.maximum(errors, row_errors(tensor, found))  # NaN stays NaN
        else:
            same &= (
                (np.asarray(tensor.tolist()) == np.asarray(found.tolist()))
                .reshape(rows, -1)
                .all(axis=1)
            )
    over = ~(errors <= tolerance)
    if over.any() or not same.all():
        worst = int(np.lexsort((errors, ~same))[-1])
        raise _refusal(worst, [_row(values, worst) for values in (feeds, wanted, told)])
    return Agreement(
        rows=rows,
        label_agreement=float(same.mean()),
        max_absolute_error=float(errors.max()),
        rows_over_tolerance=int(over.sum()),
        tolerance=tolerance,
        steps=steps,
    )


def row_errors(wanted: NDArray[Any], found: NDArray[Any]) -> NDArray[Any]:
    """Each row's largest error: absolute up to 1, in proportion above (float32 has 7 digits)."""
    exact = np.asarray(wanted, np.float64)
    away = np.abs(exact - found) / np.maximum(1, np.abs(exact))
    return np.asarray(away.reshape(len(exact), -1).max(axis=1))


def _row(values: Values, row: int) -> dict[str, Any]:
    return {name: each[row : row + 1].tolist()[0] for name, each in values.items()}


def _refusal(row: int, values: list[dict[str, Any]]) -> ParityError:
    feeds, wanted, told = (str(each)[:SHOWN] for each in values)
    return ParityError(
        f"held-out row {row}, {feeds}",
        f"{told} is answered, where {wanted} is wanted",
        "If such an error does no harm, raise [prepare] tolerance. Labels must always agree.",
    )
