"""Inputs to compare two ways of computing a model by: its golden ones, and rows in its ranges."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.artifact import Artifact
from wherry.limits import Limits
from wherry.manifest import GOLDEN, Manifest
from wherry.plain.fields import Field, Fields
from wherry.protocol.array_tensors import cast
from wherry.warm_up import example_inputs

ROWS = 32

Feeds = dict[str, NDArray[Any]]


def example_feeds(artifact: Artifact) -> list[Feeds]:
    """Tensors by input: the manifest's example, each golden example, and ROWS within the ranges."""
    manifest = artifact.manifest
    return [example_inputs(manifest), *_golden(artifact), *_in_range(manifest)]


def _golden(artifact: Artifact) -> list[Feeds]:
    datatypes = {spec.name: spec.datatype for spec in artifact.manifest.inputs}
    return [
        {name: cast(name, value, datatypes[name]) for name, value in inputs.items()}
        for inputs in golden_inputs(artifact)
    ]


def _in_range(manifest: Manifest) -> list[Feeds]:
    """Only of a table of fractions: of anything else, what is likely is not known."""
    lows = [feature.minimum or 0.0 for feature in manifest.features]
    highs = [
        feature.maximum or low + 1 for feature, low in zip(manifest.features, lows, strict=True)
    ]
    match manifest.inputs:
        case [spec] if spec.shape == (-1, len(lows)) and spec.datatype in ("FP32", "FP64"):
            shares = np.random.default_rng(0).random((ROWS, len(lows)))
            rows = np.add(lows, shares * np.subtract(highs, lows))
            return [{spec.name: cast(spec.name, rows, spec.datatype)}]
    return []


def golden_inputs(artifact: Artifact) -> list[dict[str, Any]]:
    """As they are written, nested lists by input; none if the artifact has no golden examples."""
    told = json.loads(artifact.files.get(GOLDEN, b'{"examples": []}'))
    return [example["inputs"] for example in told["examples"]]


def example_row(artifact: Artifact) -> dict[str, Any]:
    """A row of the first golden example, or else of the manifest's own, by the names of fields."""
    made = {name: tensor.tolist() for name, tensor in example_inputs(artifact.manifest).items()}
    row = {name: value[0] for name, value in [*golden_inputs(artifact), made][0].items()}
    fields = Fields(artifact.manifest, Limits())
    table = next((name for name in row if name not in fields.names), "")
    columns = iter(row.get(table, ()))
    return {
        field.name: _value(row[field.name], field) if field.name in row else next(columns)
        for field in fields
    }


def _value(value: Any, field: Field) -> Any:
    return value[0] if isinstance(value, list) and not field.shape else value
