"""
A page of the docs as a session: its blocks run by bash in a project of their own, one after the
other as a reader would type them, and what it shows as output held against what came.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from docs.blocks import Block, blocks, outputs
from tests.support.project import WHERRY, Project

ANYTHING = "…"


@dataclass(frozen=True)
class Session:
    """How the blocks of a page ended: the exit code, and stdout and stderr as they came."""

    code: int
    output: str

    def missing(self, lines: Iterable[str]) -> list[str]:
        """The shown lines that did not come, each looked for below the one before."""
        came = [_plain(line) for line in self.output.splitlines()]
        absent, below = [], 0
        for line in lines:
            fits = map(_pattern(line).fullmatch, came[below:])
            if (distance := next((n for n, fit in enumerate(fits) if fit), None)) is None:
                absent.append(line)
            else:
                below += distance + 1
        return absent


def run_page(page: Path, project: Project, instead: Mapping[str, str], timeout: float) -> Session:
    """Run the page's blocks in `project`, with other words `instead` of those (ports, mostly)."""
    script = "".join(block.text for block in blocks(page) if block.runs)
    path = f"{WHERRY.parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", _replaced(script, instead)],
        cwd=project.root,
        env={**os.environ, "PATH": path, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            output, _ = shell.communicate(timeout=timeout)
        finally:
            with suppress(ProcessLookupError):  # what it left running, such as a server
                os.killpg(shell.pid, signal.SIGKILL)
    return Session(shell.returncode, output)


def shown(found: list[Block], instead: Mapping[str, str]) -> list[str]:
    """The lines that the page promises."""
    return [_replaced(line, instead) for line in outputs(found)]


def _replaced(text: str, instead: Mapping[str, str]) -> str:
    """In one pass: what was put in may look like what is still to be replaced."""
    pattern = "|".join(map(re.escape, instead))
    return re.sub(pattern, lambda found: instead[found[0]], text) if pattern else text


def _plain(line: str) -> str:
    return " ".join(line.split())


def _pattern(line: str) -> re.Pattern[str]:
    parts = (re.escape(part.strip()) for part in _plain(line).split(ANYTHING))
    return re.compile(".*".join(parts))
