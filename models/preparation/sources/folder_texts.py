"""The words of a folder that is made of a trained model: its settings, and a card to fill in."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.kept import Kept
from models.preparation.sources.kinds import Kind
from models.preparation.sources.options import Options
from models.preparation.sources.source import Facts
from models.preparation.steps.pipeline import INPUT

if TYPE_CHECKING:
    from models.preparation.importing import Found

DIGITS = 6
MOST = 50  # categories that are worth listing

CARD = """\
# {name}

**What it does.** {description}

**What it is for.** Say here what it is for, and what it is not for.

## Data

It came trained, as `{file}` ({estimator}). Say what it learnt from.

## How good it is

{measured}

## Limits

Whom does it fail? What has it never seen? What must nobody use it for?
"""
MEASURED = "`wherry prepare {name}` measures it on the rows of `{rows}`. Write here how good it is."
UNKNOWN = """\
Nobody has told. With rows that it never saw, `[source] held_out` and `target` in `model.toml`,
`wherry prepare {name}` measures it."""


def card_text(name: str, found: "Found", facts: Facts) -> str:
    """CARD.md."""
    measured = UNKNOWN.format(name=name)
    if found.held_out is not None and found.target is not None:
        measured = MEASURED.format(name=name, rows=found.held_out.name)
    return CARD.format(
        name=name,
        description=found.description or "Say here, in a sentence, what it tells of what.",
        file=found.file.name,
        estimator=facts.estimator,
        measured=measured,
    )


def toml_text(
    name: str, kind: Kind, found: "Found", facts: Facts, rows: Kept, names: Sequence[str] = ()
) -> str:
    """model.toml; `names` are what the rows call their columns."""
    about = {
        "name": name,
        "task": facts.task,
        "description": found.description,
        "licence": found.licence,
    }
    source: dict[str, Any] = {"file": found.file.name, "kind": kind}
    if found.options.labels:
        source["labels"] = list(found.options.labels)
    if found.held_out is not None:
        source["held_out"] = found.held_out.name
    if found.target is not None:
        source["target"] = found.target
    lines = [
        *_table("[model]", about),
        *_table("[source]", source, " # opened in a sandbox, by `wherry prepare`"),
        *_inputs(found.options),
        *(
            line
            for feature in _features(facts, rows, names)
            for line in _table("[[features]]", feature)
        ),
        *_table("[deploy]", {"memory_mb": 512}),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _inputs(options: Options) -> Iterator[str]:
    for each in options.inputs:
        told = {"name": each.name, "datatype": each.datatype, "shape": list(each.shape[1:])}
        yield from _table("[[source.inputs]]", told)


def _table(head: str, keys: dict[str, Any], comment: str = "") -> list[str]:
    """JSON's text, numbers and lists of them are TOML's too."""
    told = {key: value for key, value in keys.items() if value not in ("", None)}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()]
    return [f"{head}{comment}", *lines, ""]


def _features(facts: Facts, rows: Kept, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The columns of one table, or the inputs that are a column each, as the rows have them."""
    if isinstance(rows.X, Mapping):
        for name, column in rows.X.items():
            if column.shape[1:] == (1,):
                yield {"name": name, **_seen(column.ravel())}
        return
    table = facts.inputs[0]
    names = facts.columns or names
    if table.name == INPUT and table.shape[1:] == (len(names),):
        for number, name in enumerate(names):
            yield {"name": name, **_seen(rows.X[:, number])}


def _seen(column: NDArray[Any]) -> dict[str, Any]:
    """What a person needs to send such a column right."""
    if column.dtype.kind in "US":
        words, counts = np.unique(column[column != ""], return_counts=True)
        if not 0 < len(words) <= MOST:
            return {}
        return {"categories": words.tolist(), "example": str(words[counts.argmax()])}
    return _range(column[np.isfinite(column)]) if column.dtype.kind in "fiu" else {}


def _range(seen: NDArray[Any]) -> dict[str, float]:
    if not seen.size:
        return {}
    told = {"minimum": seen.min(), "maximum": seen.max(), "example": np.median(seen)}
    return {key: _short(float(value), key) for key, value in told.items()}


def _short(value: float, key: str) -> float:
    """Few digits, and never a range that leaves out a value that was seen."""
    short = float(f"{value:.{DIGITS}g}")
    if (key == "minimum" and short > value) or (key == "maximum" and short < value):
        step = 10.0 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
        return float(f"{short + (step if key == 'maximum' else -step):.{DIGITS}g}")
    return short
