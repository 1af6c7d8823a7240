"""
The parent's side of a child: start it, ask it, and tell what became of it.

Requests and answers are one line of JSON each; arrays go through files in the child's own folder.
The child gets a bare environment: no credential, no proxy, no home.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from models.preparation.sandbox.limits import Limits
from wherry import errors
from wherry.errors import ToolError, UnsafeError, WherryError

ROOT = Path(__file__).parents[3]
PATHS = (ROOT, ROOT / "layers/runtime/python", ROOT / "layers/control/python")
LOG = "child.log"
SHOWN = 300  # characters of the last line that a child wrote before it ended
OVER = {
    signal.SIGXCPU: "it needs more than {cpu_seconds} seconds of CPU time",
    signal.SIGKILL: "it was killed: more memory or time than it may have",
    signal.SIGXFSZ: "it writes more than {disk_bytes} bytes",
    signal.SIGSYS: "it called what a model has no business with",
}


class Child:
    """
    A confined `python -m module` that answers `ask` until it is left.

    `folder` is the one place where it may write; `readable` what it may read beside the libraries.
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
        self.folder = folder
        self.limits = limits or Limits()
        told = {
            "limits": self.limits.told(),
            "folder": str(folder),
            "readable": [*map(str, readable)],
        }
        asked, self._asks = os.pipe()
        self._answers, answering = os.pipe()
        self._log = (folder / LOG).open("wb")
        self._process = subprocess.Popen(
            [str(python or sys.executable), "-s", "-m", module, json.dumps(told)],
            stdin=asked,
            stdout=answering,
            stderr=self._log,
            cwd=folder,
            env=_environment(folder),
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
        try:
            os.write(self._asks, json.dumps({"verb": verb, "told": told}).encode() + b"\n")
        except BrokenPipeError:
            raise self._ended() from None
        line = self._line(time.monotonic() + self.limits.wall_seconds)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise _raised(answer["error"])
        return dict(answer["answer"])

    def _line(self, deadline: float) -> bytes:
        parts = bytearray()
        while not parts.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                self.close()
                told = f"no answer within {self.limits.wall_seconds:g} seconds"
                raise UnsafeError(str(self.folder), told, "Give a smaller model.")
            part = os.read(self._answers, 1 << 16)
            if not part:
                raise self._ended()
            parts += part
        return bytes(parts)

    def _ended(self) -> WherryError:
        code = self._process.wait()
        lines = (self.folder / LOG).read_text(errors="replace").strip().splitlines()
        last = lines[-1][-SHOWN:] if lines else "it said nothing"
        if code < 0 and -code in OVER:
            return UnsafeError(
                "the model's file", OVER[signal.Signals(-code)].format(**self.limits.told())
            )
        return ToolError("the child that opens the model", f"it ended with {code}: {last}")


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(map(str, PATHS)),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "ORT_DISABLE_TELEMETRY": "1",
    }


def _raised(told: Mapping[str, str]) -> WherryError:
    kind = getattr(errors, told["kind"], WherryError)
    return kind(told["where"], told["what"], told["todo"])
