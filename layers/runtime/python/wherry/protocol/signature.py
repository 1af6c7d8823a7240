"""
What a model takes and gives, held against what a caller names.

The manifest is the truth. Every message names the tensor, what came, and what is wanted, and cuts
short what the caller wrote, so that an answer cannot be made long by a request.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from numpy.typing import NDArray

from wherry.errors import RequestError
from wherry.manifest import TensorSpec

VARIABLE = -1
_LONGEST = 64


def quoted(value: object) -> str:
    """Tell what the caller wrote, as JSON and cut short; of what is nested, only what it is."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "an object"
        case list() if any(isinstance(item, list | dict) for item in value[:_LONGEST]):
            return "a nested list"
    text = orjson.dumps(_cut(value)).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _cut(value: object) -> object:
    """No more of it than will be told: writing all of it costs many times its size."""
    match value:
        case str():
            return value[: _LONGEST + 1]
        case list():
            return [_cut(item) for item in value[:_LONGEST]]
    return value


def by_name(specs: Iterable[TensorSpec]) -> dict[str, TensorSpec]:
    """In the manifest's order."""
    return {spec.name: spec for spec in specs}


def check_inputs_named(names: Collection[str], specs: Mapping[str, TensorSpec]) -> None:
    """Each input of the model, once, and no other."""
    for name in names:
        check_known("input", name, specs)
    missing = [quoted(name) for name in specs if name not in names]
    if missing:
        raise RequestError("inputs", f"{', '.join(missing)} did not come")


def check_known(role: str, name: str, specs: Mapping[str, TensorSpec]) -> None:
    """`role` is "input" or "output"."""
    if name not in specs:
        known = ", ".join(map(quoted, specs))
        raise RequestError(
            f"{role} {quoted(name)}", f"the model has no such {role}; it has {known}"
        )


def check_shape(spec: TensorSpec, shape: tuple[int, ...]) -> None:
    """Equal to the manifest's, but for the sizes that it leaves open."""
    fits = len(shape) == len(spec.shape)
    for size, wanted in zip(shape, spec.shape, strict=False):
        fits = fits and wanted in (VARIABLE, size)
    if not fits:
        raise RequestError(
            f"input {quoted(spec.name)}",
            f"shape {quoted(list(shape))} came; {quoted(list(spec.shape))} is wanted",
        )


def check_rows_agree(specs: Mapping[str, TensorSpec], tensors: Mapping[str, NDArray[Any]]) -> None:
    """Inputs whose first size is open are rows of one batch: as many in each."""
    rows = {
        name: tensors[name].shape[0]
        for name, spec in specs.items()
        if spec.shape[:1] == (VARIABLE,)
    }
    if len(set(rows.values())) > 1:
        told = ", ".join(f"{quoted(name)} has {count}" for name, count in rows.items())
        raise RequestError("inputs", f"they differ in rows: {told}")
