"""
Asking a network, and trying whether two of them answer alike.

A network is asked with arrays in the order of its inputs; it answers in that of its outputs.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.onnx_versions import accepted, takes
from models.preparation.sources.graphs import inputs_of
from wherry.manifest import TensorSpec
from wherry.ort import onnxruntime
from wherry.protocol.datatypes import TO_NUMPY

Array = NDArray[Any]
Ask = Callable[[Sequence[Array]], Sequence[Any]]
OPEN = -1
SILENT = 4
SIZES = (8, 32, 224)  # what an open size may be tried with: words, small images, larger ones
TRIED = 3  # rows
CLOSE = 1e-6


def runner(model: Any) -> Ask:
    """By ONNX Runtime as it stands, without optimization; by ONNX's own where that is too old."""
    inputs = [each.name for each in inputs_of(model.graph)]
    if takes(model, accepted()):
        session = _session(model)
        return lambda arrays: session.run(None, dict(zip(inputs, arrays, strict=True)))
    from onnx.reference import ReferenceEvaluator

    evaluator: Any = ReferenceEvaluator(model)
    return lambda arrays: evaluator.run(None, dict(zip(inputs, arrays, strict=True)))


def in_parts(ask: Ask, inputs: Sequence[TensorSpec], rows: int | None) -> Ask:
    """
    Any number of rows to a network that takes just `rows` at once (None: any but 0).

    Of no rows it is asked with zeros, and what it answers is cut away.
    """

    def asked(arrays: Sequence[Array]) -> Sequence[Any]:
        count = len(arrays[0])
        whole = [_padded(*each, rows or 1) for each in zip(arrays, inputs, strict=True)]
        size = rows or max(count, 1)
        parts = [
            ask([array[at : at + size] for array in whole]) for at in range(0, len(whole[0]), size)
        ]
        return [_joined(each)[:count] for each in zip(*parts, strict=True)]

    return asked


def cast(array: Array, tensor: TensorSpec) -> Array:
    """As the network takes it."""
    return np.ascontiguousarray(array, TO_NUMPY[tensor.datatype])


def samples(inputs: Sequence[TensorSpec], rows: int) -> Iterator[list[Array]]:
    """Rows to try a network with, one set for each size that an open one might have."""
    for size in SIZES:
        random = np.random.default_rng(0)
        yield [_sample(random, each, rows, size) for each in inputs]
        if not any(OPEN in each.shape[1:] for each in inputs):
            return


def first_that_runs(ask: Ask, inputs: Sequence[TensorSpec], rows: int) -> list[Array] | None:
    """Samples that the network answers at all."""
    for each in samples(inputs, rows):
        try:
            ask(each)
        except Exception:  # noqa: BLE001, S112 - every framework has its own
            continue
        return each
    return None


def alike(one: Ask, other: Ask, arrays: Sequence[Array]) -> bool:
    """Whether both answer the same; one that fails does not."""
    try:
        return all(same(*each) for each in zip(one(arrays), other(arrays), strict=True))
    except Exception:  # noqa: BLE001 - every framework has its own
        return False


def same(one: Any, other: Any) -> bool:
    a, b = _plain(one), _plain(other)
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        return a.shape == b.shape and bool((a == b).all())
    return a.shape == b.shape and np.allclose(a, b, CLOSE, CLOSE, equal_nan=True)


def _session(model: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = SILENT
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _sample(random: np.random.Generator, tensor: TensorSpec, rows: int, size: int) -> Array:
    shape = (rows, *(size if each == OPEN else each for each in tensor.shape[1:]))
    kind = TO_NUMPY[tensor.datatype].kind
    if kind == "O":
        return np.full(shape, "a", object)
    values = random.normal(size=shape) if kind == "f" else random.integers(0, 2, shape)
    return cast(np.asarray(values), tensor)


def _padded(array: Array, tensor: TensorSpec, rows: int) -> Array:
    array = cast(array, tensor)
    missing = -len(array) % rows if len(array) else rows
    if not missing:
        return array
    empty = "" if array.dtype == object else 0
    filler = array[-1:] if len(array) else np.full((1, *array.shape[1:]), empty, array.dtype)
    return np.concatenate([array, np.repeat(filler, missing, axis=0)])


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], list):
        return [row for part in parts for row in part]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _plain(answer: Any) -> Array:
    if isinstance(answer, list):
        return np.asarray([list(row.values()) for row in answer])
    return np.asarray(answer)
