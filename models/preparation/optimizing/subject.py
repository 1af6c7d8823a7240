"""
What is optimised, and how: the same for every model, wherever its rows and its training are kept.

Nothing here knows a folder or a file. Rows are as a client sends them, by input name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from models.preparation.sources.source import Task, Values
from models.preparation.steps.answers import Labels

Prefer = Literal["latency", "size"]
NO_ROWS = "there are no learnt rows to retrain with"
OF_LABELS, OF_MODEL = "student_of_labels", "student_of_model"  # offers: one size, two teachers


@dataclass(frozen=True)
class Made:
    """A model; `optimized`: its graph is worked out, and a session is to run it as it is."""

    model: bytes
    optimized: bool


class Retrain(Protocol):
    """Learns other, smaller models from the rows that were learnt."""

    @property
    def offers(self) -> Mapping[str, str]:
        """What each is, by name."""

    def learn(self, name: str) -> bytes:
        """
        One of the offers as ONNX, with the inputs, outputs and steps of the model itself.

        The same name gives the same bytes. Raise WherryError, with the reason, if it cannot be.
        """


@dataclass(frozen=True, kw_only=True)
class Subject:
    """
    `model` is fp32, as converted. `rows` were held out; `truth` is what is true of them, in the
    words of the labels (None: not known). `calibration` rows were learnt, never held out.
    `refusal` is one more gate: why a candidate may not be sealed, or None. `untaught` is why
    nothing can be learnt again, where `retrain` is None.
    """

    model: bytes
    rows: Values
    truth: NDArray[Any] | None
    task: Task
    labels: Labels | None = None
    calibration: Values = field(default_factory=dict)
    retrain: Retrain | None = None
    untaught: str = NO_ROWS
    refusal: Callable[[Made], str | None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class OptimizeOptions:
    """
    [optimize] of model.toml, and what the command adds to it.

    `prefer` is what to make least. A gain below `min_gain` (a share) is none. `metric_drop` is how
    much accuracy or r2 a candidate may lose; `tolerance` how far one may be off that must answer
    like fp32. `threads` is what the model is deployed with; `seconds` what measuring may take.
    """

    candidates: tuple[str, ...] | None = None
    prefer: Prefer = "latency"
    metric_drop: float = 0.01
    min_gain: float = 0.1
    tolerance: float = 1e-5
    threads: int = 1
    seconds: float = 20.0


Progress = Callable[[str], None]
Clock = Callable[[], float]
