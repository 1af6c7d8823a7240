"""
Starting other programs: one seam, so that no test starts them and no other module knows how.

Output goes to this process's stderr line by line while the program runs (stdout is for results);
its last lines are kept, so that a failure can be told in one sentence.
"""

import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

KEPT_LINES = 200


@dataclass(frozen=True)
class Finished:
    """How a program ended, and the last lines that it wrote."""

    code: int
    output: str


class Runner(Protocol):
    """Run a program to its end."""

    def __call__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]
    ) -> Finished: ...


def run_streaming(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Finished:
    """The real runner."""
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                kept.append(line)
                with suppress(BrokenPipeError):  # a reader who has gone stops nothing half-way
                    sys.stderr.write(line)
        except BaseException:
            process.terminate()  # who stops the command stops the program
            raise
    return Finished(process.returncode, "".join(kept))
