"""
Golden examples: what any acceptable version of a model must answer, kept by hand in `golden.json`.

Here they are judged before anything is published; a rollout sends the same ones to its candidate.
They run in the very service that serves. Texts and whole numbers must match, fractions nearly.
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.preparation.faults import first_fault
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, RefusedError, RequestError
from wherry.golden import TOLERANCE, alike
from wherry.manifest import GOLDEN
from wherry.release import Release
from wherry.service import Service


class Example(BaseModel):
    """One request, by tensor, and the outputs that must come."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    inputs: dict[str, list[Any]]
    expect: dict[str, list[Any]] = Field(min_length=1)
    tolerance: float = Field(default=TOLERANCE, ge=0, allow_inf_nan=False)


class Golden(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    examples: list[Example] = Field(min_length=1)


def read_golden(folder: Path) -> tuple[Golden, bytes]:
    """The examples, and the bytes that the artifact will hold."""
    path = folder / GOLDEN
    try:
        data = path.read_bytes()
        return Golden.model_validate_json(data), data
    except FileNotFoundError as error:
        raise ConfigurationError(
            str(path),
            "there is no such file",
            "Write an example or two that any version must pass.",
        ) from error
    except ValidationError as error:
        kind = Golden if len(error.errors()[0]["loc"]) == 1 else Example
        fault = first_fault(error, tuple(kind.model_fields))
        where = ": ".join(filter(None, [str(path), fault.key]))
        raise ConfigurationError(where, fault.what, fault.todo) from error


def replay(golden: Golden, artifact: Artifact, folder: Path) -> int:
    """How many examples passed; raise RefusedError at the first that does not."""
    model = artifact.manifest.model
    service = Service(artifact, Release(model, 0, "prepared", artifact.digest))
    for example in golden.examples:
        where = f"{folder / GOLDEN}: example {example.name!r}"
        try:
            outputs = service.predict(example.inputs, tuple(example.expect))
        except RequestError as error:
            raise ConfigurationError(where, str(error), "Correct the example.") from error
        for name, wanted in example.expect.items():
            told = outputs[name].tolist()
            if _shape(told) != _shape(wanted):
                raise ConfigurationError(
                    where,
                    f"{name} is {told}, of shape {_shape(told)}; {wanted} is of {_shape(wanted)}",
                    "Give it in the shape that the model answers.",
                )
            if not alike(told, wanted, example.tolerance):
                raise RefusedError(
                    where,
                    f"{name} is {told}, where {wanted} is expected",
                    "Train a better model, or correct the example.",
                )
    return len(golden.examples)


def _shape(value: Any) -> list[int]:
    """Of nested lists, by the first of each; what is ragged is told apart by its values."""
    if not isinstance(value, list):
        return []
    return [len(value), *(_shape(value[0]) if value else [])]
