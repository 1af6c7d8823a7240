"""Batch runs of one model, composed for the commands: on this machine, or on the call's target."""

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.call import Call
from cli.compose import now
from cli.progress import showing
from cli.signers import read_keys
from cli.stores import store_url
from wherry.errors import CloudError, UsageError, WherryError

if TYPE_CHECKING:
    from wherry.batch.contract import Manifest, Options
    from wherry.pinned import Pinned
    from wherry_control.batch.listing import Listed
    from wherry_control.batch.local import LocalRun, Places
    from wherry_control.batch.runs import Execution, Runs
    from wherry_control.batch.schedule import Schedules
    from wherry_control.batch.starting import Begun
    from wherry_control.batch.summary import Summary
    from wherry_control.batch.trying import Failed
    from wherry_control.locks import ModelLock

CANCELLED = "asked for by `wherry batch cancel`"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A run as the options of `wherry batch run` say it; `part_rows` is None where they do not."""

    call: Call
    model: str
    places: "Places"
    version: int | None
    part_rows: int | None = None

    def here(self, store: str | None, keys: list[Path] | None, workers: int | None) -> "LocalRun":
        """On this machine, with the artifact that `wherry serve` would serve."""
        from wherry.settings import Settings
        from wherry_control.batch.local import LocalRun
        from wherry_control.environment import release_environment

        self.call.project.model_folder(self.model)
        url = store_url(self.call, store)
        told = release_environment(self._lock(url), url, read_keys(keys))
        return LocalRun(
            settings=Settings.from_environment({**os.environ, **told}),
            places=self.places,
            cores=_cores(),
            workers=workers,
            clock=now,
        )

    def pinned(self) -> "Pinned":
        """The release of the target that answers: stable, or the newest of the version."""
        from wherry.pinned import Pinned
        from wherry_control.releases import releases_of

        function = self.call.target.function(self.model)
        stable = self.call.cloud.live(function).traffic.stable
        for release in reversed(releases_of(self.call.cloud, function)):
            fits = (
                release.release == stable
                if self.version is None
                else (release.model_version == self.version)
            )
            if fits and release.digest:
                return Pinned(release.release, release.model_version or 0, release.digest)
        raise UsageError(
            "--version",
            f"no release of {function} serves version {self.version}",
            f"`wherry rollout status {self.model}` names them.",
        )

    def told(self, pinned: "Pinned", tolerated: int | None) -> dict[str, Any]:
        """The state machine's input."""
        import msgspec

        options = msgspec.to_builtins(self.places.options)
        if self.part_rows is not None:  # 0 too, for which the function would take the model's own
            options["part_rows"] = self.part_rows
        return {
            "input": self.places.input,
            "output": self.places.output,
            **({"options": options} if options else {}),
            **pinned._asdict(),
            **({} if tolerated is None else {"tolerated_percent": tolerated}),
        }

    def run_id(self, pinned: "Pinned") -> str:
        """By which a second start finds the first."""
        from wherry_control.batch.local import run_of

        return run_of(self.model, pinned, self.places, now()).id

    def _lock(self, url: str) -> "ModelLock":
        from wherry.store import ModelStore
        from wherry_control.environment import required_lock
        from wherry_control.locks import ModelLock

        if self.version is None:
            return required_lock(self.call.project.root, self.model, self.call.target_name)
        for found in ModelStore.open(url, os.environ).versions(self.model):
            if found.version == self.version:
                return ModelLock(self.model, found.version, found.digest)
        raise UsageError(
            "--version", f"{url} has no version {self.version} of {self.model}",
            "`wherry models` names them.",
        )  # fmt: skip


def places(source: str, output: str, options: "Options") -> "Places":
    """Paths of this machine are made whole: a run is the same from whichever folder."""
    from wherry_control.batch.local import Places, address

    return Places(address(source), address(output), options)


def is_here(source: str, output: str, *, here: bool) -> bool:
    """Whether this machine does it: if it is told to, or if nobody else sees the files."""
    paths = [place for place in (source, output) if "://" not in place]
    if here or not paths:
        return here
    if len(paths) == 1:
        raise UsageError(paths[0], "AWS does not see paths of this machine", "Add --here.")
    return True


def runs(call: Call, model: str) -> "Runs":
    """The batch runs of a model on the target."""
    from wherry_control.batch.runs import StepFunctionsRuns

    call.project.model_folder(model)
    target = call.target
    return StepFunctionsRuns(call.session.client("stepfunctions"), target.batch_machine_arn(model))


def schedules(call: Call, model: str) -> "tuple[Schedules, str]":
    """Those of the target, and the name of the model's own."""
    from wherry_control.batch.schedule import EventBridgeSchedules

    call.project.model_folder(model)
    name = call.target.batch(model)
    return EventBridgeSchedules(call.session.client("scheduler")), name


def watched(call: Call, model: str, begun: "Begun") -> "Execution":
    """Show how far it is until it has ended; Ctrl+C stops looking, and the run goes on."""
    import time

    from wherry_control.batch.following import follow, found

    told = runs(call, model)
    try:
        with showing(f"predicting with {model}") as tell:
            return follow(lambda: found(told, begun.name, model), told, tell, time.sleep, now)
    except KeyboardInterrupt:
        call.out.note(f"{begun.name} goes on: `wherry batch status {model} {begun.name}` shows it")
        raise


def come_to(call: Call, model: str, execution: "Execution") -> "Summary | None":
    """What its manifest tells; None if it has written none."""
    from wherry_control.batch.resumed import resumed
    from wherry_control.batch.summary import TOLD_TO, of_execution

    output = execution.input.get("output")
    if execution.is_running or not output:
        return None
    manifest, began = _manifest(output), execution.started - TOLD_TO
    if manifest is None or datetime.fromisoformat(manifest.ended) < began:
        return None  # it is of an execution before this one
    failed = () if manifest.complete else _failed(call, model, execution)
    come = replace(of_execution(manifest, execution), failed=failed)
    if datetime.fromisoformat(manifest.started) >= began:
        return come
    return resumed(come, _before(call, output, execution))


def listed(call: Call, model: str, most: int) -> "tuple[list[Listed], int]":
    """The newest, and how many there are besides."""
    from wherry_control.batch import listing

    return listing.listed(runs(call, model), most, _manifest_if_readable)


def log_of(call: Call, model: str) -> str:
    """The log group of the function that does the work."""
    return f"/aws/lambda/{call.target.batch(model)}"


def _manifest(output: str) -> "Manifest | None":
    """None if none is written."""
    import msgspec

    from wherry.batch.contract import MANIFEST, Manifest
    from wherry.batch.files import open_files

    data = open_files(output, os.environ).read(MANIFEST)
    return msgspec.json.decode(data, type=Manifest) if data else None


def _failed(call: Call, model: str, execution: "Execution") -> "tuple[Failed, ...]":
    """Some of its parts and why; none to who may not look at them."""
    from wherry_control.batch.parts import failed_parts

    with suppress(CloudError):
        return failed_parts(runs(call, model).failed(execution.name))
    return ()


def _before(call: Call, output: str, execution: "Execution") -> int:
    """Parts that were done before it; 0 to who may read a manifest, and not list what is there."""
    from wherry_control.batch.resumed import done_before

    with suppress(CloudError):
        return done_before(call.session.client("s3"), output, execution.started)
    return 0


def _manifest_if_readable(output: str) -> "Manifest | None":
    """A list is shown as well to who may not read what was written."""
    with suppress(WherryError):
        return _manifest(output)
    return None


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
