"""
docs/reference/model-toml.md: every key of a model.toml, from the tables that judge it.

What is allowed and what holds by default is read from the code; what a key means is told here. A
key without a meaning, or a meaning without a key, stops the build of the page.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import partial
from types import NoneType
from typing import Any, get_args

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs.generate import compose, experiment, rollout, steps, workers
from infra.config import DeploySettings
from models.preparation.config import TABLES, About, FeatureTable, PrepareOptions
from models.preparation.optimizing.config import OptimizeTable
from models.preparation.sources.config import SourceInput, SourceTable
from models.preparation.steps.answers import Told

Row = tuple[str, str, str]
KINDS = {
    str: "text", int: "whole number", float: "number", Any: "number or text",
    list[str]: "a list of texts", list[Told]: "a list of labels",
    list[SourceInput]: "a list of tables",
}  # fmt: skip
UNTOLD = "none"
LISTS = ("features", "experiment.arms")
NAME = (
    "a letter, then up to 39 of a-z, 0-9 and `-`; not `ci`, `preparation` or `store`, and not "
    "ending in `-batch`, `-queue` or `-jobs`"
)

HEAD = """\
# model.toml

`models/<name>/model.toml` is what a model says of itself. Each table has one owner, who checks it
when a command needs it: an unknown key or a value that is not allowed is refused with the file, the
key, the value and what is allowed. `wherry doctor` checks all tables but `[train]` at once.

Generated from the code by `make fmt`; do not edit.
"""

ABOUT = {
    "model": "What it is. After a change of the task, train again.",
    "features": """\
One `[[features]]` for each column of the table, in order, or for each input that is a column by
itself, by its name; or none at all. They go into the manifest, so a change needs `wherry prepare`
again. `minimum` ≤ `example` ≤ `maximum`; a column of text has `categories` instead. A service warms
up on the examples; ranges and categories are for people, a request outside of them is answered.""",
    "image": steps.IMAGE_ABOUT,
    "pipeline": steps.pipeline(),
    "compose": compose.ABOUT,
    "slice": """\
Instead of a `train.py`: a part of another model, which is cut at tensors into parts that run one
after another. `wherry slice MODEL --at TENSOR` writes the folders of all parts
([why and how](../how-to/several-models-in-one-call.md#cut-a-model-that-is-too-large)).""",
    "source": """\
A trained model that [came as a file](../how-to/serve-a-trained-model.md), as `wherry new --from`
writes it. Or, without `file`, in which framework's environment `train.py` runs. A tensor that the
file does not describe is one of `[[source.inputs]]`: `name`, `datatype`, and `shape` without the
rows.""",
    "train": """\
The keywords of the model's own `train()`: its annotations say what is allowed and its defaults what
holds. `wherry train MODEL --set KEY=VALUE` wins over this table.""",
    "prepare": """\
How far the converted model may differ from the trained one, on any row that is tried ([which rows
are](../explanation/parity.md)).""",
    "optimize": """\
What `wherry optimize` tries, and what `wherry prepare` seals
([how to](../how-to/optimize-a-model.md)).""",
    "deploy": """\
How it is deployed, from the next `wherry deploy` on. Memory, timeout and architecture are part of
a release: they take effect as it gets traffic. The others belong to the function or its API and
change at once. Between `image` and `zip`, delete the model's stack first: CloudFormation refuses to
replace a function that has a name.""",
    **rollout.ABOUT,
    **experiment.ABOUT,
    **workers.ABOUT,
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "model": {
        "name": "the name of its folder",
        "task": "decides the outputs: `label` and `probabilities`, or `prediction`",
        "description": "one sentence for people",
        "licence": "of the model: an SPDX identifier, or a sentence",
    },
    "features": {
        "name": "what the column is called; each name once",
        "unit": "what it is measured in",
        "minimum": "the least value that was seen",
        "maximum": "the greatest value that was seen",
        "example": "a usual value, or one of the categories",
        "categories": "the texts that the model knows, of a column of text",
    },
    "compose": {
        "steps": "`[[compose.steps]]`, in any order",
        "outputs": "the source of each output of the whole",
        "inputs": "`[[compose.inputs]]`, with `name`, `datatype` and `shape`: inputs that no model "
        "takes, such as what a switch goes by",
    },
    "image": {key: meaning for key, (_, meaning) in steps.IMAGE.items()},
    "slice": {
        "of": "the model that is cut",
        "part": "which part this is",
        "cuts": "for each cut, the tensors that cross it; one cut less than there are parts",
    },
    "prepare": {
        "tolerance": "how far a number of an answer may be off, in proportion above 1; 1e-5 where "
        "it is not told",
        "relative_tolerance": "how far off in proportion, beside that; 1e-3 of networks, 0 of all "
        "others where it is not told",
        "label_agreement": "the share of labels that must agree, a tie counting as agreement",
    },
    "source": {
        "file": "the file, or the folder of a SavedModel, in the model's own folder",
        "kind": "what wrote it; told by the file where it is not told",
        "environment": "the framework that `train.py` needs, which `make source-NAME` installs",
        "labels": "what the columns of a network's answer mean, in order",
        "inputs": "`[[source.inputs]]`, of a network whose file does not tell",
        "held_out": "rows that the model never saw: `.csv` with a header, or `.npz`",
        "target": "which column of them is the truth",
    },
    "optimize": {
        "use": "the variant that `wherry prepare` makes, without measuring",
        "candidates": "what `wherry optimize` tries; all that make sense where it is not told",
        "prefer": "what to make least",
        "metric_drop": "how much of accuracy, or r2, a variant may lose",
        "min_gain": "a share: what gains less is not worth a change",
    },
    "deploy": {
        "memory_mb": "memory of the function; 1769 give one whole CPU, others in proportion",
        "architecture": "of the function; all models of one packaging have the same",
        "packaging": "a container image, or a ZIP function of the same code",
        "timeout_seconds": "how long one request may take",
        "log_retention_days": "how long the logs are kept",
        "auth": "callers send an API key, or sign with IAM",
        "throttle_rate": "requests per second over all callers; with `api_key`, for each key too",
        "throttle_burst": "requests at once above that rate",
        "slo_ms": "an alarm tells when one request in a hundred takes longer",
        "snap_start": "start from a snapshot of a function that has loaded its model; "
        "[what it costs](../explanation/cold-starts.md)",
        "public_key": "a file of the checkout with the public key that must have signed what is "
        "served ([how to](../how-to/sign-models.md))",
        "environment": "[what the function may be told](environment.md) beside what its stack "
        "tells it: limits, the docs page",
    },
    **rollout.MEANINGS,
    **experiment.MEANINGS,
    **workers.MEANINGS,
}


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(name) for table in TABLES for name in _within(table))])


def _within(table: str) -> list[str]:
    """The table, and those inside it that have a section of their own."""
    return [table, *(name for name in ABOUT if name.startswith(f"{table}."))]


def keys() -> dict[str, list[str]]:
    """The keys of each table with fixed keys, as the code has them."""
    return {name: [row[0] for row in rows()] for name, rows in ROWS.items()}


def _section(name: str) -> str:
    title = f"[[{name}]]" if name in LISTS else f"[{name}]"
    told = [f"## {title}", "", ABOUT[name], ""]
    if name in ROWS:
        told += ["| key | default | allowed | meaning |", "|---|---|---|---|"]
        told += [
            f"| `{key}` | {default} | {allowed} | {MEANINGS[name][key]} |"
            for key, default, allowed in ROWS[name]()
        ]
        told.append("")
    return "\n".join(told)


def _pydantic(kind: type[BaseModel]) -> list[Row]:
    return [_field(key, info) for key, info in kind.model_fields.items()]


def _field(key: str, info: FieldInfo) -> Row:
    default = "required" if info.is_required() else _shown(info.default)
    return key, default, _allowed(info.annotation, info.metadata)


def _allowed(annotation: Any, metadata: list[Any]) -> str:
    kinds = [each for each in _united(annotation) if each is not NoneType]
    if all(isinstance(each, str) for each in kinds):
        return ", ".join(f"`{each}`" for each in kinds)
    told = " or ".join(KINDS[each] for each in kinds)
    least = [each.ge for each in metadata if isinstance(each, annotated_types.Ge)]
    return f"{told}, {least[0]} or more" if least else told


def _united(annotation: Any) -> list[Any]:
    """What a union or a Literal is made of, and a list as it is."""
    if annotation in KINDS:
        return [annotation]
    parts = get_args(annotation)
    return [one for part in parts for one in _united(part)] if parts else [annotation]


def _about() -> Iterator[Row]:
    for key, default, allowed in _pydantic(About):
        yield key, default, NAME if key == "name" else allowed


def _deploy() -> Iterator[Row]:
    for each in fields(DeploySettings):
        default = UNTOLD if each.default is MISSING else _shown(each.default)
        yield each.name, default, str(each.metadata["rule"])


def _shown(value: object) -> str:
    told = str(value).lower() if isinstance(value, bool) else value
    return UNTOLD if value in (None, "") else f"`{told}`"


ROWS: Mapping[str, Callable[[], list[Row]]] = {
    "model": lambda: list(_about()),
    "features": lambda: _pydantic(FeatureTable),
    "image": steps.image_rows,
    "compose": lambda: [
        ("steps", "required", "a list of steps"),
        ("outputs", "required", "a table of sources"),
        ("inputs", UNTOLD, "a list of inputs"),
    ],
    "slice": lambda: [
        ("of", "required", "the folder of another model"),
        ("part", "required", "a whole number, from 1"),
        ("cuts", "required", "a list of lists of tensors"),
    ],
    "prepare": lambda: _pydantic(PrepareOptions),
    "source": lambda: _pydantic(SourceTable),
    "optimize": lambda: _pydantic(OptimizeTable),
    "deploy": lambda: list(_deploy()),
    **{name: partial(rollout.rows, name) for name in rollout.ABOUT},
    **{name: partial(experiment.rows, name) for name in experiment.ABOUT},
    **{name: partial(workers.rows, name) for name in workers.ABOUT},
}
