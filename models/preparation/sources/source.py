"""
What preparation asks of a trained model, wherever it lives: in this process, or in a child that has
its framework and nothing else.

Arrays go in and out by name. Names, datatypes and shapes are those of the converted model before
any declared step: `features` and `label`, `probabilities` or `prediction` for an estimator of one
table.
A source never changes what it was made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from models.preparation.steps.answers import Labels
from wherry.manifest import TensorSpec

Values = Mapping[str, NDArray[Any]]
Task = Literal["classification", "regression", "other"]
Family = Literal["trees", "linear", "network", "other"]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """
    What a source says of itself.

    `family` decides the default gates of parity. `labels` are what the columns of `probabilities`
    mean. `columns` are the names of the columns of `features`, where the source knows them.
    `libraries` are the versions that read and converted it. `notes` is what a person should know,
    a sentence each: the scikit-learn that wrote the file was another one, say.
    """

    estimator: str
    task: Task
    family: Family
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: Labels | None = None
    columns: tuple[str, ...] = ()
    libraries: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """A trained model that can be asked, and converted."""

    @property
    def facts(self) -> Facts: ...

    def convert(self) -> bytes:
        """
        One ONNX file, pinned (IR 10, opset 18, ai.onnx.ml 3 unless the model needs otherwise).

        Raise ConfigurationError, with what to do, if the converter does not know the model.
        """

    def answer(self, feeds: Values) -> dict[str, NDArray[Any]]:
        """
        What the framework itself answers, by output name; each array's first axis is the rows.

        Feeds are float32 where a client would send FP32; float64 is taken too, as the framework
        takes it.
        """
