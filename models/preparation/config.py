"""
`model.toml`, the part that training and preparation own: [model], [[features]], [train], [prepare].

[deploy] and [rollout] belong to infra and the controller, who judge their keys; here they only may
be there. Everything else is refused, with the file, the key, the value and what is allowed.
"""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.preparation.faults import first_fault
from wherry.errors import ConfigurationError
from wherry.manifest import Feature

FILE = "model.toml"
TABLES = ("model", "features", "train", "prepare", "deploy", "rollout")

_Table = TypeVar("_Table", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class About(_Strict):
    """[model]: `name` is the folder's own."""

    name: str
    task: Literal["classification", "regression"]
    description: str = ""


class FeatureTable(_Strict):
    """One of [[features]]: what the manifest tells people of a column."""

    name: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    example: float | None = None


class PrepareOptions(_Strict):
    """[prepare]: how far a probability, or a predicted number, may be off after conversion."""

    tolerance: float = Field(default=1e-5, ge=0, allow_inf_nan=False)


@dataclass(frozen=True)
class ModelConfig:
    """A model's settings, as far as preparation needs them; `path` is the file."""

    path: Path
    model: About
    features: tuple[Feature, ...]
    train: dict[str, Any]
    prepare: PrepareOptions


def read_config(folder: Path) -> ModelConfig:
    """Raise ConfigurationError at the first thing in the file that is not allowed."""
    path = folder / FILE
    told = _read(path)
    for name in told:
        if name not in TABLES:
            raise ConfigurationError(f"{path}: {name}", "no such table", _allowed(TABLES))
    about = _table(About, path, "model", told.get("model", {}))
    if about.name != folder.name:
        raise ConfigurationError(
            f"{path}: [model] name",
            f"{about.name!r} is not the name of its folder",
            f'Write name = "{folder.name}", or rename the folder.',
        )
    return ModelConfig(
        path=path,
        model=about,
        features=_features(path, told.get("features", [])),
        train=_is(path, "train", told.get("train", {}), dict),
        prepare=_table(PrepareOptions, path, "prepare", told.get("prepare", {})),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            str(path), "there is no such file", f"`wherry new {path.parent.name}` makes a model."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), f"it cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(str(path), f"it is no TOML: {error}") from error


def _features(path: Path, told: object) -> tuple[Feature, ...]:
    features: dict[str, Feature] = {}
    for number, row in enumerate(_is(path, "features", told, list), 1):
        table = _table(FeatureTable, path, f"features {number}", row)
        feature = Feature(**table.model_dump())
        if feature.name in features:
            where = f"{path}: [features {number}] name"
            raise ConfigurationError(where, f"{feature.name!r} is there twice", "Rename one.")
        _check_range(f"{path}: [features {number}]", feature)
        features[feature.name] = feature
    return tuple(features.values())


def _check_range(where: str, feature: Feature) -> None:
    keys = ("minimum", "example", "maximum")
    told = {key: getattr(feature, key) for key in keys if getattr(feature, key) is not None}
    if list(told.values()) != sorted(told.values()) or not all(map(math.isfinite, told.values())):
        written = ", ".join(f"{key} = {value:g}" for key, value in told.items())
        raise ConfigurationError(
            where, f"{written} is not allowed", "Give finite numbers: minimum, example, maximum."
        )


def _table(kind: type[_Table], path: Path, name: str, told: object) -> _Table:
    table = _is(path, name, told, dict)
    try:
        return kind.model_validate(table, strict=True)
    except ValidationError as error:
        fault = first_fault(error, tuple(kind.model_fields))
        where = " ".join(part for part in (f"{path}: [{name}]", fault.key) if part)
        raise ConfigurationError(where, fault.what, fault.todo) from error


def _is(path: Path, name: str, told: object, kind: type) -> Any:
    if isinstance(told, kind):
        return told
    written = f"[[{name}]]" if kind is list else f"[{name}]"
    raise ConfigurationError(f"{path}: {name}", f"{told!r} is no table", f"Write it as {written}.")


def _allowed(names: tuple[str, ...]) -> str:
    return f"Allowed: {', '.join(names)}."
