"""
Child processes that outlive the command that started them, and are ended by the next one.

A record holds the pid and the process's birth (boot and start time), so that a pid which the system
gave to somebody else after a crash is never taken for ours. It refuses to signal any other process.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

POLL = 0.05


def start(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path, record: Path
) -> int:
    """Start `command` in a session of its own, with its output appended to `log`."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, cwd=log.parent,
        )  # fmt: skip
    record.write_text(json.dumps({"pid": child.pid, "birth": birth(child.pid)}))
    child.returncode = 0  # ours no longer: it lives on when this command ends
    return child.pid


def running(record: Path) -> int | None:
    """The pid of the process that `record` tells of, if that very process still runs."""
    try:
        told = json.loads(record.read_bytes())
        pid, born = int(told["pid"]), told["birth"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if born is not None and birth(pid) == born else None


def stop(record: Path, *, grace: float = 30.0) -> bool:
    """End that process and forget it; True if it was running."""
    pid = running(record)
    if pid is not None:
        for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if _gone(record, patience):
                break
    record.unlink(missing_ok=True)
    return pid is not None


def birth(pid: int) -> str | None:
    """What tells this process from every other with its pid; None when it runs no more."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # our own child, ended: collect it
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return _birth_by_ps(pid) if not Path("/proc/self").exists() else None
    state, *fields = told.rpartition(")")[2].split()
    if state == "Z":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {fields[18]}"


def _birth_by_ps(pid: int) -> str | None:
    """The same where there is no /proc, as on macOS."""
    done = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None


def _gone(record: Path, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if running(record) is None:
            return True
        time.sleep(POLL)
    return False
