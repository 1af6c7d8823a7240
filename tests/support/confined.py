"""
What a child is asked to try in the tests of the sandbox: each handler does what no model should.

Run by `Child("tests.support.confined", …)`; nothing here is imported by a test.
"""

import ctypes
import fcntl
import mmap
import os
import platform
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.preparation.sandbox.served import serve

BLOCK = 1 << 20
F_SETOWN = 8


def tried(attempt: Callable[[], object]) -> dict[str, Any]:
    """What came of it: the name of the system's error, or `done`."""
    try:
        attempt()
    except OSError as error:
        return {"came": type(error).__name__, "number": error.errno}
    return {"came": "done"}


def read(path: str) -> dict[str, Any]:
    return tried(lambda: Path(path).read_bytes())


def listed(path: str) -> dict[str, Any]:
    return tried(lambda: [*Path(path).iterdir()])


def write(path: str) -> dict[str, Any]:
    return tried(lambda: Path(path).write_text("x"))


def call(name: str, arguments: list[Any]) -> dict[str, Any]:
    """A function of `os`, `socket` or `subprocess`; its answer is dropped."""
    where, _, function = name.rpartition(".")
    module: Any = {"os": os, "socket": socket, "subprocess": subprocess}[where]
    return tried(lambda: getattr(module, function)(*arguments))


def environment() -> dict[str, Any]:
    return {"names": sorted(os.environ), "threads": threading.active_count()}


def spin() -> dict[str, Any]:
    while True:
        pass


def busy(seconds: float) -> dict[str, Any]:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return {}


def sleep() -> dict[str, Any]:
    threading.Event().wait()
    return {}


def hog_memory() -> dict[str, Any]:
    kept = []
    while True:
        kept.append(bytearray(64 * BLOCK))


def hog_shared_memory() -> dict[str, Any]:
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 64 * BLOCK))


def hog_file() -> dict[str, Any]:
    with Path("one").open("wb") as file:
        while True:
            file.write(bytes(BLOCK))


def hog_files() -> dict[str, Any]:
    for number in range(1 << 20):
        Path(f"small-{number}").write_bytes(bytes(BLOCK))
    return {}


def hog_removed_files() -> dict[str, Any]:
    kept = []
    while True:
        file = Path("gone").open("wb")  # noqa: SIM115 - kept open on purpose
        Path("gone").unlink()
        file.write(bytes(BLOCK))
        file.flush()
        kept.append(file)


def hog_below(folders: int, name: str) -> dict[str, Any]:
    """Where a path from the top is hard to follow, or too long for the system."""
    for _ in range(folders):
        Path(name).mkdir()
        os.chdir(name)
    return hog_files()


def hog_removed_maps() -> dict[str, Any]:
    """Removed, closed, and held by one page of memory alone."""
    library = ctypes.CDLL(None)
    library.mmap.restype = ctypes.c_void_p
    while True:
        with Path("gone").open("w+b") as file:
            file.write(bytes(BLOCK))
            file.flush()
            library.mmap(None, ctypes.c_size_t(4096), 1, 1, file.fileno(), ctypes.c_long(0))
        Path("gone").unlink()


def leave(count: int) -> dict[str, Any]:
    """As many files of a mebibyte, which stay; answered at once."""
    for _ in range(count):
        Path(f"left-{os.urandom(8).hex()}").write_bytes(bytes(BLOCK))
    return {}


def signal_by_file(command: int) -> dict[str, Any]:
    """A file can tell whom the kernel sends which signal when it can be read."""
    reads, _ = os.pipe()
    return tried(lambda: fcntl.fcntl(reads, command, os.getpid() if command == F_SETOWN else 9))


def scheduled(*, named: bool) -> dict[str, Any]:
    return tried(lambda: os.sched_setaffinity(os.getpid() if named else 0, {0}))


def hide() -> dict[str, Any]:
    """From those of the same user who look at its open files."""
    return called("prctl", 4, 0, 0, 0, 0)


def own_files() -> dict[str, Any]:
    """A thread (CLONE_VM, CLONE_SIGHAND, CLONE_THREAD) that shares no open files."""
    return called("syscall", 56 if platform.machine() == "x86_64" else 220, 0x10900, 0, 0, 0, 0)


def called(name: str, *arguments: int) -> dict[str, Any]:
    """A function of the C library."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*map(ctypes.c_long, arguments)) < 0:
        return {"number": ctypes.get_errno()}
    return {"number": 0}


def hog_threads() -> dict[str, Any]:
    threading.stack_size(1 << 16)
    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def fork_bomb() -> dict[str, Any]:
    def forks() -> None:
        while True:
            os.fork()

    return tried(forks)


def end(number: int) -> dict[str, Any]:
    os.kill(os.getpid(), number)
    return {}


def signal_parent() -> dict[str, Any]:
    return tried(lambda: os.kill(os.getppid(), signal.SIGTERM))


def say(line: str) -> dict[str, Any]:
    """Speak to the parent past `serve`."""
    os.write(100, line.encode())
    return {}


def fall(last: str) -> dict[str, Any]:
    os.write(2, last.encode())
    os._exit(7)


def count() -> dict[str, Any]:
    """How many threads numpy's BLAS can have: they must start in here."""
    import numpy as np

    square = np.ones((512, 512))
    return {"sum": float((square @ square).sum()), "threads": threading.active_count()}


if __name__ == "__main__":
    serve({name: each for name, each in vars().items() if callable(each)})
