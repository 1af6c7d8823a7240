"""
The steps that compute: each takes the tensors of its sources, all rows of them, and gives its own.

A leaf judges its datatypes when it is made, so that a pipeline whose parts do not fit is never
served. What only a request can get wrong, such as sizes, is judged when it runs.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ArtifactError, ModelError
from wherry.pipeline.order import where
from wherry.pipeline.spec import MeanStep, ModelStep, VoteStep, WeightedStep
from wherry.session import Session

Tensors = Mapping[str, NDArray[Any]]

FRACTIONS = frozenset({"FP16", "FP32", "FP64"})
NAMES = frozenset(
    {"BYTES", "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"}
)


class Leaf(Protocol):
    """`outputs` maps each name to its datatype; `compute` takes tensors in its sources' order."""

    @property
    def outputs(self) -> Mapping[str, str]: ...

    def compute(self, tensors: Sequence[NDArray[Any]]) -> Tensors: ...


class ModelLeaf:
    """A session; it computes only the outputs that are taken."""

    def __init__(
        self, step: ModelStep, session: Session, taken: Sequence[str], datatypes: Sequence[str]
    ) -> None:
        told = dict(zip(step.inputs, datatypes, strict=True))
        if told != session.inputs:
            raise ArtifactError(
                where(step.name),
                f"{step.file} takes {session.inputs}, and is given {told}",
                "Wire each of its inputs to a tensor of its datatype.",
            )
        self.outputs = session.outputs
        self._where = where(step.name)
        self._names, self._taken, self._session = tuple(step.inputs), tuple(taken), session

    def compute(self, tensors: Sequence[NDArray[Any]]) -> Tensors:
        feeds = dict(zip(self._names, tensors, strict=True))
        try:
            answers = self._session.run(self._taken, feeds)
        except ModelError as error:
            raise ModelError(self._where, error.what) from None
        return dict(zip(self._taken, answers, strict=True))


class BlendLeaf:
    """A weighted mean in double precision, given in the datatype of its tensors."""

    def __init__(self, step: MeanStep | WeightedStep, datatypes: Sequence[str]) -> None:
        datatype = _one(where(step.name), datatypes, FRACTIONS)
        self.outputs = {"value": datatype}
        weights = step.of.values() if isinstance(step, WeightedStep) else [1.0] * len(step.of)
        self._weights = np.array(list(weights), np.float64) / sum(weights)
        self._where = where(step.name)
        self._labels: NDArray[Any] | None = None
        if step.labels:
            text = isinstance(step.labels[0], str)
            if any(isinstance(label, str) != text for label in step.labels):
                raise ArtifactError(self._where, "its labels are of two kinds", "Choose one.")
            self.outputs["label"] = "BYTES" if text else "INT64"
            self._labels = np.array(step.labels, object if text else np.int64)

    def compute(self, tensors: Sequence[NDArray[Any]]) -> Tensors:
        _check_shapes(self._where, tensors)
        total = sum(
            weight * tensor.astype(np.float64)
            for weight, tensor in zip(self._weights, tensors, strict=True)
        )
        value = np.asarray(total, tensors[0].dtype)
        if self._labels is None:
            return {"value": value}
        if value.ndim < 1 or value.shape[-1] != len(self._labels):
            raise ModelError(self._where, f"{len(self._labels)} labels, shape {value.shape}")
        return {"value": value, "label": self._labels[np.argmax(value, axis=-1)]}


class VoteLeaf:
    """For each row, what most of its tensors say."""

    def __init__(self, step: VoteStep, datatypes: Sequence[str]) -> None:
        self.outputs = {"label": _one(where(step.name), datatypes, NAMES)}
        self._where = where(step.name)

    def compute(self, tensors: Sequence[NDArray[Any]]) -> Tensors:
        _check_shapes(self._where, tensors)
        said = np.stack(tensors)
        votes = np.stack([(said == each).sum(axis=0) for each in said])
        first = votes.argmax(axis=0)  # of as many votes, the one that is named first
        return {"label": np.take_along_axis(said, first[np.newaxis], axis=0)[0]}


def _one(place: str, datatypes: Sequence[str], allowed: frozenset[str]) -> str:
    kinds = sorted(set(datatypes))
    if len(kinds) > 1 or kinds[0] not in allowed:
        raise ArtifactError(
            place,
            f"it takes {', '.join(kinds)}",
            f"Give it tensors of one datatype: {', '.join(sorted(allowed))}.",
        )
    return kinds[0]


def _check_shapes(place: str, tensors: Sequence[NDArray[Any]]) -> None:
    shapes = {tensor.shape for tensor in tensors}
    if len(shapes) > 1:
        raise ModelError(place, f"its tensors differ in shape: {sorted(shapes)}")
