"""
Begin a run on AWS once, however often it is asked for; begin it anew only when it has ended.

An execution is called after the run and a number. Whoever asks for a run that is under way gets the
execution that is: asking twice, or after an answer that was lost, starts nothing twice. One that
has failed is followed by the next number, which does what is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wherry_control.batch.runs import Runs

ID_SHOWN = 12  # of the hexadecimal digits of a run's id: as many as a run on this machine shows


@dataclass(frozen=True)
class Begun:
    """Which execution does the run; `attached` says that it was under way already."""

    name: str
    attached: bool


def begin(runs: Runs, run: str, told: Mapping[str, Any]) -> Begun:
    """Raise CloudError if the model has no state machine."""
    stem = stem_of(run)
    found = {_number(stem, each.name): each for each in runs.list() if _number(stem, each.name)}
    newest = max(found, default=0)
    if newest and found[newest].is_running:
        return Begun(found[newest].name, attached=True)
    while True:
        newest += 1
        name = f"{stem}-{newest}"
        if runs.start(name, told):
            return Begun(name, attached=False)
        other = runs.find(name)  # somebody was quicker, or the list is a moment behind
        if other is not None and other.is_running:
            return Begun(name, attached=True)


def stem_of(run: str) -> str:
    """What the names of a run's executions begin with."""
    return re.sub(r"[^0-9a-zA-Z]", "", run.rpartition(":")[2])[:ID_SHOWN]


def _number(stem: str, name: str) -> int:
    """0 if the execution is of another run."""
    found = re.fullmatch(rf"{stem}-(\d{{1,9}})", name)
    return int(found[1]) if found else 0
