"""
Writing the folders of a model's parts: settings, a card, and golden examples of their own.

Nobody could write by hand what goes in between two parts, so the examples of the whole are run
through them. The folders are then models like any: prepared, published and deployed by name.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.preparation.build import read_artifact
from models.preparation.config import read_config
from models.preparation.golden import Example, read_golden
from models.preparation.slicing.graph import clean_cuts
from models.preparation.slicing.sliced import Sliced, run_parts, slices
from wherry.artifact import Artifact
from wherry.errors import UsageError
from wherry.manifest import GOLDEN, MODEL
from wherry.protocol.datatypes import TO_NUMPY

CONFIG = """\
[model]
name = "{name}"
task = "{task}"
description = "Part {part} of {parts} of {of}."

[slice]
of = "{of}"
part = {part}
cuts = {cuts}
"""
CARD = """\
# {name}

Part {part} of {parts} of [`{of}`](../{of}/CARD.md), cut at {at}. It is of use only with the other
parts, run in their order: each takes what the one before it answers. What {of} is for, what it
learnt from and where it fails holds for the parts together.
"""


def cuts_of(model: str, build: Path) -> tuple[str, ...]:
    """The tensors at each of which alone the prepared model can be cut."""
    return clean_cuts(read_artifact(model, build).files[MODEL])


def write_parts(folder: Path, build: Path, cuts: Sequence[Sequence[str]]) -> list[Path]:
    """The folders, beside that of the whole; raise UsageError if one is there already."""
    of, task = folder.name, read_config(folder).model.task
    whole = read_artifact(of, build)
    parts = slices(whole, cuts)
    count = len(parts.models)
    made = [folder.with_name(f"{of}-{number}") for number in range(1, count + 1)]
    for path in made:
        if path.exists():
            raise UsageError(str(path), "it is there already", "Remove it, or leave it as it is.")
    examples = [_through(example, whole, parts) for example in read_golden(folder)[0].examples]
    at = " and ".join(", ".join(f"`{name}`" for name in names) for names in cuts)
    for number, path in enumerate(made, 1):
        told = {
            "name": path.name, "task": task, "of": of, "part": number, "parts": count, "at": at,
            "cuts": json.dumps([list(names) for names in cuts]),
        }  # fmt: skip
        path.mkdir()
        (path / "model.toml").write_text(CONFIG.format(**told), encoding="utf-8")
        (path / "CARD.md").write_text(CARD.format(**told), encoding="utf-8")
        golden = {"examples": [each[number - 1] for each in examples]}
        (path / GOLDEN).write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
    return made


def _through(example: Example, whole: Artifact, parts: Sliced) -> list[dict[str, Any]]:
    """An example of the whole as one of each part; the last expects what the whole does."""
    feeds = {
        each.name: np.array(example.inputs[each.name], TO_NUMPY[each.datatype])
        for each in whole.manifest.inputs
    }
    values = run_parts(parts, feeds, optimized=whole.manifest.optimized)
    told = []
    for taken, given in zip(parts.tensors, parts.tensors[1:], strict=False):
        told.append(
            {
                "name": example.name,
                "inputs": {each.name: values[each.name].tolist() for each in taken},
                "expect": {each.name: values[each.name].tolist() for each in given},
                "tolerance": example.tolerance,
            }
        )
    told[-1]["expect"] = example.expect
    return told
