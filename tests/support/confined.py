"""
What a child is asked to try in the tests of the sandbox: each handler does what no model should.

Run by `Child("tests.support.confined", …)`; nothing here is imported by a test.
"""

import mmap
import os
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
