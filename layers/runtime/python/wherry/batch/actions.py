"""
What the state machine asks of the batch function: plan a run, do a partition, finish.

Each can be asked again at any time, and after any death, and leaves the same files. Who retries,
how often and how many at once is the state machine's to know.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from wherry.batch.contract import MANIFEST, NO_DRIFT, PLAN, Options, Run, Task
from wherry.batch.drift import drift
from wherry.batch.files import Files, open_files
from wherry.batch.finishing import finish
from wherry.batch.folders import stored_run
from wherry.batch.partition import run_partition
from wherry.batch.planning import new_run, plan
from wherry.errors import UsageError
from wherry.pinned import Live, Pinned, Services, Share

Told = TypeVar("Told")

S3 = "s3://"
MEMORY = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
OF_AWS = "AWS_"  # so begins what a state machine tells one that it starts about itself
PART_ROWS = "WHERRY_PART_ROWS"  # as [batch] of model.toml says, if it does
UNTOLD = "given"  # the release of a run whose digest was told


class AskedOptions(
    Options, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A mistyped option is told, and not left out."""


class Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The input of the state machine."""

    do: str = "plan"
    input: str
    output: str
    options: AskedOptions = AskedOptions()
    digest: str = ""
    version: int = 0
    release: str = UNTOLD
    tolerated_percent: int = 0

    def fits(self, pinned: Pinned) -> bool:
        """Whether that is what it names, as far as it names anything."""
        return self.version in (0, pinned.version) and self.release in (UNTOLD, pinned.release)


class Planned(msgspec.Struct, kw_only=True):
    """What the planning gave, as far as the end of a run needs it."""

    bucket: str
    key: str


@dataclass(frozen=True)
class Actions:
    """`live` is asked what serves only where a run is not told its artifact."""

    model: str
    services: Services
    live: Callable[[], Live]
    environment: Mapping[str, str]
    now: Callable[[], datetime]

    def do(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """By what it says under `do`."""
        match event.get("do"):
            case "plan":
                own = {key: told for key, told in event.items() if not key.startswith(OF_AWS)}
                asked = _as(Asked, own)
                return self._plan(asked, is_cut="part_rows" in own.get("options", {}))
            case "partition":
                return self._partition(_as(Task, event.get("task")))
            case "finish":
                plan_at = _as(Planned, event)
                return self._finish(f"s3://{plan_at.bucket}/{plan_at.key}")
        raise UsageError("the event", f"`do` is {event.get('do')!r}", "plan, partition or finish.")

    def _plan(self, asked: Asked, *, is_cut: bool) -> Mapping[str, Any]:
        """`is_cut` says whether it is asked for how many rows a part has."""
        files_in, files_out = self._open(asked.input), self._open(asked.output)
        stored = stored_run(files_out)
        if not is_cut:
            asked.options = replace(asked.options, part_rows=self._part_rows(stored))
        run = self._run(asked, files_in, files_out)
        service = self.services.of(run.pinned)
        run, parts = plan(service, files_in, files_out, run)
        since = drift(service, files_in, run, parts) if stored else NO_DRIFT
        bucket, _, key = files_out.address(PLAN).removeprefix("s3://").partition("/")
        return {
            "bucket": bucket,
            "key": key,
            "partitions": len(parts),
            "run": run.id,
            "tolerated_percent": asked.tolerated_percent,
            "drift": msgspec.to_builtins(since),
        }

    def _part_rows(self, stored: Run | None) -> int:
        """A run that is resumed is cut as it was, another one as the model says."""
        return stored.options.part_rows if stored else int(self.environment.get(PART_ROWS, "0"))

    def _run(self, asked: Asked, files_in: Files, files_out: Files) -> Run:
        """A run that is resumed keeps its release, whatever is live by now."""

        def made(pinned: Pinned) -> Run:
            places = (files_in.url, files_out.url)
            started = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
            return new_run(pinned, self.model, places, asked.options, started)

        if asked.digest:
            return made(Pinned(asked.release, asked.version, asked.digest))
        stored = stored_run(files_out)
        if stored is not None and asked.fits(stored.pinned) and made(stored.pinned).id == stored.id:
            return stored
        return made(serving(asked, self.live().shares()))

    def _partition(self, task: Task) -> Mapping[str, Any]:
        service = self.services.of(task.run.pinned)
        files_in, files_out = self._open(task.run.input), self._open(task.run.output)
        run_partition(service, files_in, files_out, task)
        return {}

    def _finish(self, plan_at: str) -> Mapping[str, Any]:
        files_out = self._open(plan_at.removesuffix(f"/{PLAN}"))
        told = finish(files_out, self.now(), int(self.environment.get(MEMORY, "0")))
        return {
            "complete": told.complete,
            "manifest": files_out.address(MANIFEST),
            "partitions": told.partitions,
            "missing": told.missing,
            "rows": told.rows,
            "predicted": told.predicted,
            "refused": told.refused,
            "seconds": told.seconds,
            "cost": told.cost,
        }

    def _open(self, url: str) -> Files:
        """Whoever may start a run may not read or write this function's own disk by it."""
        if not url.startswith(S3):
            raise UsageError("the event", f"{url!r} is no place in S3", "Name s3://bucket/…")
        return open_files(url, self.environment)


def serving(asked: Asked, shares: Sequence[Share]) -> Pinned:
    """Stable, or of what serves the version that is asked for; UsageError if that serves not."""
    for share in shares:
        if asked.fits(share.pinned):
            return share.pinned
    release = "" if asked.release == UNTOLD else f", release {asked.release},"
    raise UsageError(
        "the event",
        f"version {asked.version or 'any'}{release} is asked for, and does not serve",
        "Tell its `digest`, too, as `wherry show` has it.",
    )


def _as(kind: type[Told], told: object) -> Told:
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as error:
        raise UsageError("the event", str(error), "Say it as docs/reference has it.") from None
