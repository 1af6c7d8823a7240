"""
`[compose]` of a model.toml: which prepared models answer in one call, and how they are wired.

A step of kind `model` names another model's folder; its inputs are those of the composite with the
same name, where nothing else is said. All other kinds are the manifest's own. What the steps say is
judged where the members are known.
"""

from pathlib import Path
from typing import Any

import msgspec
from pydantic import Field

from models.preparation.tables import Strict, table
from wherry.errors import ConfigurationError, UsageError
from wherry.manifest import Datatype, TensorSpec
from wherry.pipeline.spec import ModelStep, PipelineSpec, TokenizeStep


class InputTable(Strict):
    """One of [[compose.inputs]]: an input that no member takes, such as what a switch goes by."""

    name: str
    datatype: Datatype
    shape: list[int] = Field(default=[-1])

    @property
    def spec(self) -> TensorSpec:
        return TensorSpec(self.name, self.datatype, tuple(self.shape))


class ComposeTable(Strict):
    """[compose]; `outputs` names the source of each."""

    steps: list[dict[str, Any]] = Field(min_length=1)
    outputs: dict[str, str] = Field(min_length=1)
    inputs: list[dict[str, Any]] = Field(default=[])


class Compose(msgspec.Struct, frozen=True):
    """The wiring as it is written: `file` of a model step is still the name of a model."""

    path: Path
    spec: PipelineSpec
    inputs: tuple[TensorSpec, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """The models it is made of, each once."""
        found = (step.file for step in self.spec.steps if isinstance(step, ModelStep))
        return tuple(dict.fromkeys(found))


def read_compose(path: Path, told: object) -> Compose:
    """Raise ConfigurationError at the first thing that no wiring could make right."""
    keys = table(ComposeTable, path, "compose", told)
    steps = [_as_step(path, number, step) for number, step in enumerate(keys.steps, 1)]
    inputs = [
        table(InputTable, path, f"compose.inputs {number}", each).spec
        for number, each in enumerate(keys.inputs, 1)
    ]
    try:
        spec = msgspec.convert({"steps": steps, "outputs": keys.outputs}, PipelineSpec)
    except msgspec.ValidationError as error:
        what, _, key = str(error).partition(" - at ")
        raise ConfigurationError(f"{path}: [compose] {key.strip('`$.')}", what) from error
    if any(isinstance(step, TokenizeStep) for step in spec.steps):
        raise ConfigurationError(
            f"{path}: [compose] steps", "text is for a model of its own", "Compose that model."
        )
    return Compose(path, spec, tuple(inputs))


def _as_step(path: Path, number: int, told: dict[str, Any]) -> dict[str, Any]:
    if told.get("kind", "model") != "model":
        return told
    if "model" not in told or "file" in told:
        where = f"{path}: [compose.steps {number}] model"
        raise ConfigurationError(where, "it is missing", "Name the folder of a model.")
    rest = {key: value for key, value in told.items() if key != "model"}
    name = str(told["model"])
    return {"kind": "model", "name": name, "inputs": {}, **rest, "file": name}


def no_training(model: str, compose: Compose) -> UsageError:
    """What `wherry train` says of a composite."""
    train = " && ".join(f"wherry train {name}" for name in compose.members)
    return UsageError(
        model,
        "it is composed of other models, and learns nothing itself",
        f"Run `{train}`, prepare them, then `wherry prepare {model}`.",
    )
