"""
Start, stop and look at a local AWS.

Everything that runs is recorded in the instance's folder: a later command finds it, and a crash
leaves nothing that the next `up` or `down` does not clear. A start that fails half-way stops what
it had started. Two commands at once on one instance: the second is refused.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local_aws import processes, services
from infra.local_aws.base_image import PYTHON, find_base_image
from infra.local_aws.engine import Engine, find_engine
from infra.local_aws.instance import CACHE, MINISTACK, ROOT, Options, Plan, target, write_json
from wherry.errors import ConflictError, ToolError, UsageError

NEEDED_DISK = 2 * 2**30  # a base image, our image, and their copies in the emulator's registry
SOCKET_PATH_LIMIT = 100  # the system's is 108, and podman adds to it

Say = Callable[[str], None]


@dataclass(frozen=True)
class Status:
    """What runs, and how. `reason` says why functions are deployed as ZIP, when nobody asked."""

    running: bool
    healthy: bool = False
    endpoint: str = ""
    port: int = 0
    strict: bool = False
    packaging: str = ""
    reason: str = ""
    engine: str = ""
    pid: int | None = None
    started_now: bool = False


def up(options: Options, say: Say = lambda _: None) -> Status:
    """Start the local AWS, or say that it runs already. `say` is told of each step."""
    options = replace(options, folder=options.folder.resolve())
    options.folder.mkdir(parents=True, exist_ok=True)
    with _only_one(options.folder):
        now = status(options.folder)
        if now.healthy:
            _check_same(now, options)
            return now
        services.stop(options.folder)
        _check_machine(options)
        plan = _plan(options, say)
        _clear(options, say)
        try:
            services.start(options, plan, say)
        except BaseException:
            services.stop(options.folder)
            raise
        return _published(options, plan)


def down(folder: Path, say: Say = lambda _: None) -> bool:
    """Stop what `up` started; True if something ran. The state stays, if it was to be kept."""
    if not folder.is_dir():
        return False
    with _only_one(folder):
        say("stopping the local AWS")
        return services.stop(folder)


def status(folder: Path) -> Status:
    """What runs in `folder` now."""
    told = services.settings_of(folder)
    pid = processes.running(folder / "emulator.pid")
    if not told or pid is None:
        return Status(running=False)
    authority = folder / "tls" / "ca.pem" if told["strict"] else None
    healthy = services.healthy(told["endpoint"], authority)
    known = ("endpoint", "port", "strict", "packaging", "reason", "engine")
    return Status(running=True, healthy=healthy, pid=pid, **{name: told[name] for name in known})


def logs(
    folder: Path, *, follow: bool = False, wait: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """The emulator's log, line by line; with `follow`, for as long as it runs."""
    path = folder / "emulator.log"
    if not path.is_file():
        raise ToolError("local AWS", "there is no log yet", "Run `wherry local up`.")
    with path.open(errors="replace") as log:
        while True:
            yield from (line.rstrip("\n") for line in log)
            if not follow or processes.running(folder / "emulator.pid") is None:
                return
            wait(0.2)


def _check_same(now: Status, options: Options) -> None:
    asked = (options.port, options.strict, options.packaging or now.packaging)
    if asked != (now.port, now.strict, now.packaging) or options.fresh:
        mode = "strict" if now.strict else "not strict"
        how = f"on port {now.port}, {mode}, functions as {now.packaging}"
        raise UsageError(
            "local AWS", f"it runs already, {how}",
            "Run `wherry local down` first.",
        )  # fmt: skip


def _check_machine(options: Options) -> None:
    if not MINISTACK.is_file():
        raise ToolError("local AWS", "MiniStack is not installed", "Run `make setup`.")
    check_disk(options.folder, shutil.disk_usage(options.folder).free)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", options.port))
        except OSError as error:
            raise UsageError(
                f"port {options.port}", f"cannot be used ({os.strerror(error.errno or 0)})",
                "Choose another with --port, or stop the program that uses it.",
            ) from error  # fmt: skip


def check_disk(folder: Path, free: int) -> None:
    """Raise ToolError before a start that would fill the disk half-way."""
    if free < NEEDED_DISK:
        raise ToolError(
            str(folder),
            f"{free / 2**20:.0f} MiB are free on its disk, {NEEDED_DISK / 2**20:.0f} are needed",
            "Free some space; `make clean` removes what Wherry itself keeps.",
        )


def _plan(options: Options, say: Say) -> Plan:
    """Images where there is an engine and a base for them, else ZIP with the reason."""
    if options.packaging == "zip":
        return Plan("zip")
    try:
        engine = find_engine(CACHE, options.engine)
        _check_socket(options, engine)
        base = options.base_image or find_base_image(ROOT, engine, say)
    except ToolError as error:
        if options.packaging == "image":
            raise
        say(f"functions are deployed as ZIP: {error}")
        return Plan("zip", reason=str(error))
    return Plan("image", engine, base)


def _check_socket(options: Options, engine: Engine) -> None:
    end = str(options.path("engine.sock"))
    if engine.kind == "podman" and len(end) > SOCKET_PATH_LIMIT:
        raise ToolError("podman", f"{end} is too long a path for a socket", "Move the checkout.")


def _clear(options: Options, say: Say) -> None:
    """Throw away the log of the last run, and its state unless that is to be kept."""
    spent = ["tmp", "tls"] + (["state", "s3"] if options.fresh or not options.keep else [])
    if options.path("s3").is_dir() and not any(options.path("state").glob("*.json")):
        say("the last run was killed before it saved its stacks: their buckets are thrown away")
        spent.append("s3")
    for name in spent:
        shutil.rmtree(options.path(name), ignore_errors=True)
    options.path("emulator.log").unlink(missing_ok=True)
    options.path("tmp").mkdir()


def _published(options: Options, plan: Plan) -> Status:
    told = target(options, plan, PYTHON, _ministack_python())
    write_json(options.path("target.json"), told)
    return replace(status(options.folder), started_now=True)


def _ministack_python() -> str:
    """ZIP functions run on the interpreter that runs MiniStack."""
    command = [str(MINISTACK), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(
                "local AWS", "another command is starting or stopping it", "Try again in a moment."
            ) from error
        yield
