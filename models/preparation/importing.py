"""
A model's folder, made of a trained model that came as a file: no Python has to be written.

The file is opened in the sandbox once, to learn what it takes and answers. What it answers to the
rows that were given, or else to zeros, become the golden examples: from then on every version must
answer so. It refuses to write over anything, and writes the whole folder in one step.
"""

import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.folders import new_folder, written
from models.preparation.kept import Kept
from models.preparation.sources.folder_texts import card_text, toml_text
from models.preparation.sources.kinds import Kind, kind_of
from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from models.preparation.sources.rows import check_labels, rows_of_file
from models.preparation.sources.source import Facts, Source
from wherry.errors import ConfigurationError
from wherry.manifest import GOLDEN

EXAMPLES = 3
DIGITS = 9  # of a float32
Rows = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """
    A trained model, and what is known of it beside the file.

    `held_out` is a file of rows (CSV or .npz), with what is true of them as the column `target`;
    `example` is a few rows by input name, or as one table.
    """

    file: Path
    kind: Kind | None = None
    options: Options = field(default_factory=Options)
    held_out: Path | None = None
    target: str | None = None
    example: Mapping[str, Rows] | None = None
    description: str = ""
    licence: str = ""


def new_from(models: Path, name: str, found: Found, *, dry_run: bool = False) -> list[Path]:
    """Write the folder `name` below `models`, unless it is a dry run; return its files."""
    folder = new_folder(models, name)
    kind = found.kind or kind_of(found.file)
    with opened_file(found.file, kind, found.options) as source:
        rows = _rows(found, source.facts)
        texts = {
            "model.toml": toml_text(name, kind, found, source.facts, rows, _names(found)),
            GOLDEN: _golden(source, _some(rows, source.facts)),
            "CARD.md": card_text(name, found, source.facts),
        }
    files = [found.file, *([found.held_out] if found.held_out else [])]
    if not dry_run:
        with written(folder) as draft:
            for text_file, text in texts.items():
                (draft / text_file).write_text(text)
            for file in files:
                _copy(file, draft / file.name)
    return [folder / file for file in (*texts, *(each.name for each in files))]


def _copy(file: Path, to: Path) -> None:
    if file.is_dir():
        shutil.copytree(file, to)
    else:
        shutil.copyfile(file, to)


def _rows(found: Found, facts: Facts) -> Kept:
    """The rows that came along; none, if none did."""
    if found.held_out is not None:
        where = f"--rows {found.held_out}"
        rows = rows_of_file(where, found.held_out, found.target, facts.inputs, facts.columns)
        check_labels(where, rows, facts.labels)
        return rows
    if found.example is not None:
        return rows_of_file("the input example", found.example, None, facts.inputs, facts.columns)
    return rows_of_file("", None, None, facts.inputs, facts.columns)


def _names(found: Found) -> list[str]:
    """What a CSV calls its columns, without the target."""
    if found.held_out is None or found.held_out.suffix != ".csv":
        return []
    with found.held_out.open(newline="", encoding="utf-8-sig") as file:
        return [name for name in next(csv.reader(file), []) if name != found.target]


def _some(rows: Kept, facts: Facts) -> dict[str, Rows]:
    """A few rows for the examples; zeros and empty texts where none came along."""
    feeds = rows.feeds(facts.inputs[0].name)
    if len(rows):
        return {name: array[:EXAMPLES] for name, array in feeds.items()}
    return {name: np.zeros((1, *array.shape[1:]), array.dtype) for name, array in feeds.items()}


def _golden(source: Source, feeds: Mapping[str, Rows]) -> str:
    answers = source.answer(feeds)
    example = {
        "name": "what the model answered when it was brought here",
        "inputs": {name: _plain(array) for name, array in feeds.items()},
        "expect": {name: _plain(array) for name, array in answers.items()},
    }
    if "null" in json.dumps(example["expect"]) or "NaN" in json.dumps(example):
        raise ConfigurationError(
            str(source.facts.estimator),
            "it answers its example with what is no number",
            "Give rows that it can answer (--rows).",
        )
    return json.dumps({"examples": [example]}, indent=2) + "\n"


def _plain(array: Rows) -> Any:
    """Lists of what JSON has, with the digits that a float32 can hold."""
    if array.dtype.kind != "f":
        return array.tolist()
    rounded = [float(f"{value:.{DIGITS}g}") for value in np.asarray(array, np.float64).ravel()]
    return np.array(rounded).reshape(array.shape).tolist()
