"""
Give up, in this process and for good, what opening a model does not need.

It must come before any other thread: Landlock binds the thread that asks for it, and those that it
starts. Where the kernel cannot do all of it, nothing is opened.
"""

import os
import resource
from collections.abc import Iterable
from pathlib import Path

from models.preparation.sandbox import landlock, seccomp
from models.preparation.sandbox.kernel import Kernel
from models.preparation.sandbox.limits import Limits
from wherry.errors import ToolError

LIVES = 20  # times `cpu_seconds`, which the parent bounds: should the parent be gone
DESCRIPTORS = 1024
WHERE = "opening a file that nobody has vouched for"
TODO = (
    "Run this on Linux (x86_64 or aarch64, kernel 5.13 or newer) with Landlock and seccomp; "
    "on another system in a container or a virtual machine with such a kernel."
)


def confine(
    kernel: Kernel, limits: Limits, folder: Path, readable: Iterable[Path], listed: Path
) -> None:
    """
    No network, no program, no other process, no file but `folder` (to write) and `readable`.

    Raise ToolError where this machine cannot do it.
    """
    if not kernel.machine:
        raise ToolError(
            WHERE, "this system has no way to confine a process that is known here", TODO
        )
    if (threads := len(os.listdir("/proc/self/task"))) != 1:  # noqa: PTH208 - names, to be counted
        raise ToolError(WHERE, f"{threads} threads run already, and would stay outside")
    _limit(limits)
    try:
        kernel.no_new_privileges()
        kernel.drop_capabilities()
        landlock.restrict(kernel, folder, readable, listed)
        kernel.filter(seccomp.program(kernel.machine, os.getpid()))
    except OSError as error:
        raise ToolError(
            WHERE, f"this kernel cannot confine a process ({error.strerror})", TODO
        ) from error


def confined() -> bool:
    """Whether this process is: a filter is there (mode 2), and no way back."""
    status = Path("/proc/self/status").read_text()
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return told.get("Seccomp") == "2" and told.get("NoNewPrivs") == "1"


def _limit(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds * LIVES),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.disk_bytes),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
    ):
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
