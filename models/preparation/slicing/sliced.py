"""
Making a part of a model: the sealed graph of the whole, cut, and proven bit for bit.

The whole is taken as it is prepared now. All its parts, run one after another on its held-out rows,
must give the very bits that the whole gives; else none of them is made. A whole that was optimized
when it was prepared is cut as it is, so that its parts compute just what it computes.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.preparation.agreement import PARITY, Agreement
from models.preparation.build import HELD_OUT, read_artifact
from models.preparation.config import ModelConfig
from models.preparation.optimize import opsets
from models.preparation.slicing.config import SliceTable
from models.preparation.slicing.graph import cut
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, ParityError
from wherry.manifest import MODEL, Manifest, TensorSpec
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.signature import VARIABLE
from wherry.session import Session

Values = dict[str, NDArray[Any]]
SLICE = "slice.json"


class Sliced(msgspec.Struct, frozen=True):
    """The parts, and the tensors before, between and after them."""

    models: tuple[bytes, ...]
    tensors: tuple[tuple[TensorSpec, ...], ...]


def sliced(config: ModelConfig, keys: SliceTable, build: Path) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and the files of one part."""
    whole = read_artifact(keys.of, build.with_name(keys.of))
    rows = held_out(config.path, whole, build.with_name(keys.of))
    parts = slices(whole, keys.cuts)
    values = _proven(whole, parts, rows)
    inputs, outputs = (
        tuple(_ranked(each, values) for each in parts.tensors[at])
        for at in (keys.part - 1, keys.part)
    )
    first, last = keys.part == 1, keys.part == len(parts.models)
    model = parts.models[keys.part - 1]
    agreement = Agreement(
        rows=len(next(iter(rows.values()))),
        label_agreement=1.0,
        max_absolute_error=0.0,
        rows_over_tolerance=0,
        tolerance=config.prepare.closeness,
        steps=config.steps.told(),
    )
    manifest = msgspec.structs.replace(
        whole.manifest,
        model=config.model.name,
        task=config.model.task,
        inputs=inputs,
        outputs=outputs,
        features=config.features or (whole.manifest.features if first else ()),
        labels=whole.manifest.labels if last else (),
        image=whole.manifest.image if first else None,
        metrics=whole.manifest.metrics if last else {},
        opsets=opsets(model),
        parity=agreement.summary,
        files={},
    )
    build.mkdir(parents=True, exist_ok=True)
    if first:  # a composite of the parts is judged by what the whole held out
        shutil.copy(build.with_name(keys.of) / HELD_OUT, build / HELD_OUT)
    return manifest, {MODEL: model, PARITY: agreement.to_bytes(), SLICE: _told(keys, whole)}


def is_stale(keys: SliceTable, artifact: Artifact, build: Path) -> bool:
    """Whether the cuts, or what is cut, were changed since."""
    whole = read_artifact(keys.of, build.with_name(keys.of))
    return artifact.files.get(SLICE) != _told(keys, whole)


def _told(keys: SliceTable, whole: Artifact) -> bytes:
    """Which artifact was cut, and where."""
    told = {**keys.model_dump(), "digest": whole.digest}
    return (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()


def slices(whole: Artifact, cuts: Sequence[Sequence[str]]) -> Sliced:
    """Cut a whole into one part more than there are cuts."""
    models, rest = [], whole.files[MODEL]
    tensors = [whole.manifest.inputs]
    for at in cuts:
        head, rest, between = cut(rest, at)
        models.append(head)
        tensors.append(between)
    return Sliced((*models, rest), (*tensors, whole.manifest.outputs))


def held_out(path: Path, whole: Artifact, build: Path) -> Values:
    """The rows that the whole was judged by, as a client sends them."""
    if whole.manifest.pipeline is not None or len(whole.manifest.inputs) != 1:
        raise ConfigurationError(
            f"{path}: [slice] of",
            f"{whole.manifest.model!r} is more than one graph with one input",
            "Cut a model of one file.",
        )
    (tensor,) = whole.manifest.inputs
    with np.load(build / HELD_OUT, allow_pickle=False) as kept:
        return {tensor.name: np.ascontiguousarray(kept["X"], TO_NUMPY[tensor.datatype])}


def run_parts(parts: Sliced, feeds: Values, *, optimized: bool) -> Values:
    """One after another, as several functions would; every tensor on the way."""
    values = dict(feeds)
    for model, taken, given in zip(parts.models, parts.tensors, parts.tensors[1:], strict=False):
        session = Session(model, threads=1, optimized=optimized)
        names = [each.name for each in given]
        told = session.run(names, {each.name: values[each.name] for each in taken})
        values |= dict(zip(names, told, strict=True))
    return values


def _proven(whole: Artifact, parts: Sliced, rows: Values) -> Values:
    optimized = whole.manifest.optimized
    values = run_parts(parts, rows, optimized=optimized)
    session = Session(whole.files[MODEL], threads=1, optimized=optimized)
    names = [each.name for each in whole.manifest.outputs]
    for name, wanted in zip(names, session.run(names, rows), strict=True):
        if not _same_bits(values[name], wanted):
            raise ParityError(
                name, "the parts do not answer, bit for bit, as the whole", "Cut it elsewhere."
            )
    return values


def _same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.dtype.hasobject:
        return bool(one.tolist() == other.tolist())
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def _ranked(spec: TensorSpec, values: Values) -> TensorSpec:
    """A tensor of which ONNX Runtime knows no shape has any, of so many axes."""
    axes = values[spec.name].ndim
    return (
        spec if len(spec.shape) == axes else msgspec.structs.replace(spec, shape=(VARIABLE,) * axes)
    )
