"""
What a model.toml says of a model that came as a file: how to read it, and what its answers mean.

It crosses to the child as JSON. What the file says itself wins nothing over it: a contradiction is
refused by the kind that finds it.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

from models.preparation.sources.source import Task
from wherry.manifest import TensorSpec


@dataclass(frozen=True, kw_only=True)
class Options:
    """
    `task` None: the file knows. `labels` are what a network's columns mean, in order. `inputs` are
    what a network takes, where its file does not say (a TorchScript module, say).
    """

    task: Task | None = None
    labels: tuple[str | int, ...] | None = None
    inputs: tuple[TensorSpec, ...] = ()

    def told(self) -> dict[str, Any]:
        inputs = [[each.name, each.datatype, list(each.shape)] for each in self.inputs]
        return asdict(self) | {"labels": self.labels and list(self.labels), "inputs": inputs}

    @classmethod
    def read(cls, told: dict[str, Any]) -> Self:
        labels = told["labels"]
        return cls(
            task=told["task"],
            labels=None if labels is None else tuple(labels),
            inputs=tuple(
                TensorSpec(name, kind, tuple(size)) for name, kind, size in told["inputs"]
            ),
        )
