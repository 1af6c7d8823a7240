"""
How far a converted model may be from the trained one before it is not published.

Trees and linear models: every label, and numbers to 1e-5. Networks: numbers to 1e-5 and one part in
a thousand. A label may only differ on a tie: where the trained model's two largest numbers are as
near to each other as numbers may be off (networks), or as float32 can tell apart (all others).
Quantized models are no copies: of them the metric counts, and a share of the labels.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.preparation.sources.source import Family
from models.preparation.tables import Strict

Rows = NDArray[Any]
TIE = 4 * float(np.finfo(np.float32).eps)  # what sums of float32 probabilities cannot tell apart


class GateKeys(Strict):
    """The keys of [prepare] that say how far off an answer may be; None: what the family says."""

    tolerance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    relative_tolerance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    label_agreement: float = Field(default=1.0, ge=0, le=1)


@dataclass(frozen=True, kw_only=True)
class Gates:
    """
    `closeness`: each number within `atol` (in proportion, above 1) or `atol` + `rtol` times it, and
    so many of the labels. `metric`: of held-out rows, the metric may drop by `metric_drop`, and so
    many labels agree; single numbers are not judged.
    """

    kind: Literal["closeness", "metric"] = "closeness"
    label_agreement: float = 1.0
    atol: float = 1e-5
    rtol: float = 0.0
    metric_drop: float = 0.0

    @classmethod
    def of(cls, family: Family | str, keys: GateKeys | None = None) -> Self:
        """What is right for such models, and what [prepare] says instead."""
        keys = keys or GateKeys()
        rtol = 1e-3 if family == "network" else 0.0
        return cls(
            label_agreement=keys.label_agreement,
            atol=1e-5 if keys.tolerance is None else keys.tolerance,
            rtol=rtol if keys.relative_tolerance is None else keys.relative_tolerance,
        )

    @classmethod
    def of_metric(cls, *, metric_drop: float, label_agreement: float) -> Self:
        """Of a model that is meant to differ: quantized, or made smaller."""
        return cls(kind="metric", metric_drop=metric_drop, label_agreement=label_agreement)

    def allowed(self, exact: Rows) -> Rows:
        """Of each number, how far off it may be."""
        size = np.abs(exact)
        most = np.maximum(self.atol * np.maximum(1, size), self.atol + self.rtol * size)
        return np.asarray(most)

    @property
    def tie(self) -> float:
        """As near as two numbers may be for either label to be right, in proportion above 1."""
        return max(TIE, self.atol + self.rtol) if self.rtol else TIE

    def told(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        if self.kind == "metric":
            return (
                f"the metric may drop by {self.metric_drop:g}, and {self.label_agreement:.2%} of "
                "the labels agree"
            )
        more = f" + {self.rtol:g} of the number" if self.rtol else ", in proportion above 1"
        return f"{self.label_agreement:.2%} of the labels agree; numbers to {self.atol:g}{more}"
