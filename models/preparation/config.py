"""
`model.toml`, the part that training and preparation own: [model], [[features]], [image],
[pipeline], [compose], [slice], [source], [train], [prepare].

[deploy], [rollout], [experiment], [shadow], [batch], [queue] and [jobs] belong to infra and the
control plane, who judge their keys; here they only may be there. Everything else is refused, with
the file, the key, the value and what is allowed.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from models.preparation.composing.config import Compose, read_compose
from models.preparation.optimizing.config import OptimizeTable, read_optimize
from models.preparation.parity.gates import GateKeys
from models.preparation.slicing.config import SliceTable, read_slice
from models.preparation.sources.config import SourceTable, read_source
from models.preparation.sources.source import Task
from models.preparation.steps.config import read_steps
from models.preparation.steps.pipeline import Steps
from models.preparation.tables import Strict, check_keys, must_be, read_toml, table
from wherry.errors import ConfigurationError
from wherry.manifest import Feature

FILE = "model.toml"
TABLES = (
    "model", "features", "image", "pipeline", "compose", "slice", "source",
    "train", "prepare", "optimize", "deploy", "rollout", "experiment", "shadow",
    "batch", "queue", "jobs",
)  # fmt: skip
PIPELINE = ("input", "pre", "post")


class About(Strict):
    """[model]: `name` is the folder's own."""

    name: str
    task: Task
    description: str = ""
    licence: str = ""


def _example(told: Any) -> Any:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        raise ValueError("Give a number, or a text of a column of text")  # noqa: TRY004 - pydantic's
    return told


class FeatureTable(Strict):
    """One of [[features]]: what the manifest tells people of a column."""

    name: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    example: Annotated[Any, PlainValidator(_example)] = None
    categories: list[str] = Field(default=[])


class PrepareOptions(GateKeys):
    """[prepare]: how far an answer may be off after conversion."""

    @property
    def closeness(self) -> float:
        """Where no family of models says better."""
        return 1e-5 if self.tolerance is None else self.tolerance


@dataclass(frozen=True)
class ModelConfig:
    """A model's settings, as far as preparation needs them; `path` is the file."""

    path: Path
    model: About
    features: tuple[Feature, ...]
    steps: Steps
    compose: Compose | None
    slice: SliceTable | None
    source: SourceTable | None
    train: dict[str, Any]
    prepare: PrepareOptions
    optimize: OptimizeTable


def read_config(folder: Path) -> ModelConfig:
    """Raise ConfigurationError at the first thing in the file that is not allowed."""
    path = folder / FILE
    told = read_toml(path)
    check_keys(path, "", told, TABLES)
    about = table(About, path, "model", told.get("model", {}))
    if about.name != folder.name:
        raise ConfigurationError(
            f"{path}: [model] name",
            f"{about.name!r} is not the name of its folder",
            f'Write name = "{folder.name}", or rename the folder.',
        )
    features = _features(path, told.get("features", []))
    check_keys(
        path, "pipeline", must_be(dict, path, "pipeline", told.get("pipeline", {})), PIPELINE
    )
    return ModelConfig(
        path=path,
        model=about,
        features=features,
        steps=read_steps(path, told, len(features), about.task),
        compose=read_compose(path, told["compose"]) if "compose" in told else None,
        slice=read_slice(path, told["slice"]) if "slice" in told else None,
        source=read_source(path, told),
        train=must_be(dict, path, "train", told.get("train", {})),
        prepare=table(PrepareOptions, path, "prepare", told.get("prepare", {})),
        optimize=read_optimize(path, told),
    )


def _features(path: Path, told: object) -> tuple[Feature, ...]:
    features: dict[str, Feature] = {}
    for number, row in enumerate(must_be(list, path, "features", told), 1):
        column = table(FeatureTable, path, f"features {number}", row)
        feature = Feature(**(column.model_dump() | {"categories": tuple(column.categories)}))
        if feature.name in features:
            where = f"{path}: [features {number}] name"
            raise ConfigurationError(where, f"{feature.name!r} is there twice", "Rename one.")
        _check_range(f"{path}: [features {number}]", feature)
        features[feature.name] = feature
    return tuple(features.values())


def _check_range(where: str, feature: Feature) -> None:
    keys = ("minimum", "example", "maximum")
    told = {key: getattr(feature, key) for key in keys if getattr(feature, key) is not None}
    if feature.categories or isinstance(feature.example, str):
        _check_words(where, feature)
        return
    if list(told.values()) != sorted(told.values()) or not all(map(math.isfinite, told.values())):
        written = ", ".join(f"{key} = {value:g}" for key, value in told.items())
        raise ConfigurationError(
            where, f"{written} is not allowed", "Give finite numbers: minimum, example, maximum."
        )


def _check_words(where: str, feature: Feature) -> None:
    """A column of text has no range, and its example is one of its categories."""
    if feature.minimum is not None or feature.maximum is not None:
        raise ConfigurationError(where, "a column of text has no range", "Leave it out.")
    known = feature.categories
    if feature.example is not None and known and feature.example not in known:
        raise ConfigurationError(
            where, f"example = {feature.example!r} is none of the categories", "Choose one of them."
        )
