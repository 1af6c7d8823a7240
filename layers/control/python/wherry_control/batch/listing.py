"""
The newest runs of a model on AWS, with what each was asked and, where its manifest tells, its rows.

Step Functions lists names and times only, so each run is asked for. A manifest tells of the last
run into its folder, so that the rows of those before it are not told.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from wherry.batch.contract import Manifest
from wherry_control.batch.runs import Execution, Runs

MOST = 20
AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One run; `why` is the reason of a failure. What is not known is None."""

    name: str
    status: str
    started: datetime
    ended: datetime | None
    input: str | None
    output: str | None
    version: int | None
    rows: int | None
    predicted: int | None
    refused: int | None
    why: str | None


def listed(
    runs: Runs, most: int, manifest_of: Callable[[str], Manifest | None]
) -> tuple[list[Listed], int]:
    """The newest, and how many there are besides; `manifest_of` is given an output."""
    every = runs.list()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shown = list(pool.map(lambda each: runs.find(each.name) or each, every[:most]))
        manifests = list(pool.map(lambda output: manifest_of(output) if output else None,
                                  _told_by_a_manifest(shown)))  # fmt: skip
    return [_listed(*each) for each in zip(shown, manifests, strict=True)], len(every) - len(shown)


def _told_by_a_manifest(shown: list[Execution]) -> list[str]:
    """The output of each; empty where its manifest is of another run, or not written yet."""
    seen, outputs = set[str](), list[str]()
    for each in shown:
        output = str(each.input.get("output", ""))
        outputs.append("" if output in seen or each.is_running else output)
        seen.add(output)
    return outputs


def _listed(execution: Execution, manifest: Manifest | None) -> Listed:
    asked = execution.input
    return Listed(
        name=execution.name,
        status=execution.status,
        started=execution.started,
        ended=execution.ended,
        input=asked.get("input"),
        output=asked.get("output"),
        version=asked.get("version"),
        rows=manifest.rows if manifest else None,
        predicted=manifest.predicted if manifest else None,
        refused=manifest.refused if manifest else None,
        why=execution.why or None,
    )
