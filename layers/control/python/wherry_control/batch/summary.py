"""What a run came to, from its manifest: the counts, how long, how fast, about what it cost."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wherry.batch.contract import MANIFEST, NO_DRIFT, REFUSED, Drift, Manifest, Reason
from wherry_control.batch.here import Turn
from wherry_control.batch.runs import Execution
from wherry_control.batch.trying import Failed

TOLD_TO = timedelta(seconds=1)  # a manifest tells whole seconds


@dataclass(frozen=True, kw_only=True)
class Summary:
    """
    `rows` are always `predicted` + `refused`; `already` of the partitions were done before this
    turn, and `missing` are not done yet. `cost` is in dollars: 0 on one's own machine, None where
    it cannot be told. `execution` is what did it on AWS. `refused_rows` is where these are told, if
    there are any, and `reasons` are the commonest; `drift` is told of a run that was resumed.
    """

    run: str
    model: str
    version: int
    release: str
    digest: str
    input: str
    output: str
    complete: bool
    partitions: int
    missing: int
    rows: int
    predicted: int
    refused: int
    seconds: float
    rows_per_second: float
    refused_rows: str
    manifest: str
    already: int = 0
    execution: str = ""
    cost: float | None = 0.0
    failed: tuple[Failed, ...] = ()
    reasons: tuple[Reason, ...] = ()
    drift: Drift = NO_DRIFT

    @property
    def all_refused(self) -> bool:
        """Rows came, and none was predicted: what is wrong is wrong with all of them."""
        return self.rows > 0 and not self.predicted


def of_turn(manifest: Manifest, turn: Turn, drift: Drift = NO_DRIFT) -> Summary:
    """Of a turn on this machine: its seconds and its rate are of what it did itself."""
    told = turn.progress
    return replace(
        _of(manifest),
        already=told.already,
        seconds=told.seconds,
        rows_per_second=round(told.rate, 1),
        failed=turn.failed,
        drift=drift,
    )


def of_execution(manifest: Manifest, execution: Execution) -> Summary:
    """
    Of a run on AWS. The cost is that of the whole run; a rate is told only of an execution that did
    all of it, and of another how long it took itself.
    """
    ended = execution.ended or datetime.fromisoformat(manifest.ended)
    whole = datetime.fromisoformat(manifest.started) >= execution.started - TOLD_TO
    own = (ended - execution.started).total_seconds()
    seconds = (manifest.seconds or own) if whole else own  # older manifests do not tell it
    return replace(
        _of(manifest),
        execution=execution.name,
        seconds=round(seconds, 3),
        rows_per_second=_rate(manifest.rows, seconds) if whole else 0.0,
        cost=manifest.cost,
    )


def _of(manifest: Manifest) -> Summary:
    run, folder = manifest.run, manifest.run.output.rstrip("/")
    return Summary(
        run=run.id,
        model=run.model,
        version=run.pinned.version,
        release=run.pinned.release,
        digest=run.pinned.digest,
        input=run.input,
        output=run.output,
        complete=manifest.complete,
        partitions=manifest.partitions,
        missing=manifest.missing,
        rows=manifest.rows,
        predicted=manifest.predicted,
        refused=manifest.refused,
        seconds=manifest.busy_seconds,
        rows_per_second=_rate(manifest.rows, manifest.busy_seconds),
        refused_rows=f"{folder}/{REFUSED}/" if manifest.refused else "",
        manifest=f"{folder}/{MANIFEST}",
        reasons=manifest.reasons,
    )


def _rate(rows: int, seconds: float) -> float:
    return round(rows / seconds, 1) if seconds > 0 else 0.0
