"""
The parent's side of a child: start it, ask it, and tell what became of it.

Requests and answers are one line of JSON each; arrays go through files in the child's own folder.
The child gets a bare environment: no credential, no proxy, no home. What it says is no more trusted
than the model: an answer has a size, a shape, and no control characters.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from models.preparation.sandbox import endings, start
from models.preparation.sandbox.limits import Limits
from models.preparation.sandbox.watch import PERIOD, Use, lying, over, use
from wherry.errors import UnsafeError, WherryError

LOG = "child.log"
ANSWER_BYTES = 64 << 20
THREADS = 8  # of BLAS and OpenMP; each reserves address space


class Child:
    """
    A confined `python -m module` that answers `ask` until it is left.

    `folder` is the one place where it may write; `readable` what it may read beside the libraries.
    It can make no link there, so what it wrote can be read by name; it can be anything, though.
    Where this machine cannot confine it, the first `ask` raises ToolError.
    """

    def __init__(
        self,
        module: str,
        *,
        folder: Path,
        python: Path | None = None,
        limits: Limits | None = None,
        readable: Sequence[Path] = (),
    ) -> None:
        self.folder = folder.resolve()
        self.limits = limits or Limits()
        told = {
            "limits": self.limits.told(),
            "folder": str(self.folder),
            "readable": [str(each.resolve()) for each in readable],
        }
        asked, self._asks = os.pipe()
        self._answers, answering = os.pipe()
        os.set_blocking(self._asks, False)
        self._log = (self.folder / LOG).open("w+b")
        self._given = lying(self.folder)
        # a file, and -P: nothing is imported from the folder, which can hold a `json.py`
        self._process = subprocess.Popen(
            [str(python or sys.executable), "-P", "-s", start.__file__, module, json.dumps(told)],
            stdin=asked,
            stdout=answering,
            stderr=self._log,
            cwd=self.folder,
            env=_environment(self.folder),
            start_new_session=True,
        )
        os.close(asked)
        os.close(answering)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it, whatever it is doing."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._open:
            self._open = False
            os.close(self._asks)
            os.close(self._answers)
            self._log.close()

    def ask(self, verb: str, **told: Any) -> dict[str, Any]:
        """Raise the WherryError that the child raised, or one that says how the child ended."""
        deadline = time.monotonic() + self.limits.wall_seconds
        spent = use(self._process.pid, self.folder).cpu
        before = replace(self._given, cpu=spent)  # files of the requests before are still there
        self._send(json.dumps({"verb": verb, "told": told}).encode() + b"\n", deadline, before)
        answer = endings.understood(self._line(deadline, before))
        if answer is None:
            self.close()
            raise UnsafeError("the model", "what came from the child is no answer")
        if isinstance(answer, WherryError):
            raise answer
        return answer

    def _send(self, line: bytes, deadline: float, before: Use) -> None:
        left = memoryview(line)
        while left:
            self._wait([], [self._asks], deadline, before)
            try:
                left = left[os.write(self._asks, left) :]
            except BrokenPipeError:
                return  # it has ended; perhaps it said why

    def _line(self, deadline: float, before: Use) -> bytes:
        parts = bytearray()
        while not parts.endswith(b"\n"):
            self._wait([self._answers], [], deadline, before)
            part = os.read(self._answers, 1 << 16)
            if not part:
                raise endings.ended(self._process.wait(), self._log.fileno(), self.limits)
            parts += part
            if len(parts) > ANSWER_BYTES:
                self._stop(f"it answers with more than {ANSWER_BYTES} bytes")
        self._judge(before)
        return bytes(parts)

    def _wait(self, reads: list[int], writes: list[int], deadline: float, before: Use) -> None:
        """Until one of them is ready, watching what the child uses meanwhile."""
        while not any(select.select(reads, writes, [], PERIOD)):
            self._judge(before)
            if time.monotonic() > deadline:
                self._stop(self.limits.over_wall)

    def _judge(self, before: Use) -> None:
        if told := over(before, use(self._process.pid, self.folder), self.limits):
            self._stop(told)

    def _stop(self, told: str) -> None:
        self.close()
        raise UnsafeError("the model", told, "Give a smaller one.")


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(map(str, start.PATHS)),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "ORT_DISABLE_TELEMETRY": "1",
        "OMP_NUM_THREADS": str(min(os.cpu_count() or 1, THREADS)),
        "MALLOC_ARENA_MAX": "4",
        "JOBLIB_MULTIPROCESSING": "0",  # it has no processes here, and would warn
    }
