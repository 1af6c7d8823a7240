"""
A project of a test's own: the sources that a deploy reads, copied, so that nothing a test does
shows in the checkout. Tools and downloads, which never change, are shared by link.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("cli", "functions", "infra", "layers", "models", "requirements")
FILES = ("cdk.json", "pyproject.toml", ".dockerignore")
SHARED = (".venv", "node_modules", ".wherry/tools", ".wherry/cache")
WHERRY = Path(sys.executable).with_name("wherry")


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A checkout to run `wherry` in; `variables` are added to its environment."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def copy(cls, root: Path) -> "Project":
        """Copy the sources of this checkout to `root`."""
        for name in SOURCES:
            ignored = shutil.ignore_patterns("__pycache__", "model.lock.json")
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        for name in FILES:
            shutil.copy(ROOT / name, root / name)
        for name in SHARED:
            (ROOT / name).mkdir(parents=True, exist_ok=True)
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(ROOT / name)
        for done in (ROOT / "build").glob("wheels-*.done"):
            folder = f"build/wheels/{done.stem.removeprefix('wheels-')}"
            # hard links: an image build follows no other
            shutil.copytree(ROOT / folder, root / folder, copy_function=os.link)
            os.link(done, root / "build" / done.name)
        return cls(root)

    def run(self, *words: str, timeout: float = 300) -> Finished:
        """Run `wherry` with these words."""
        done = subprocess.run(
            [str(WHERRY), *words],
            cwd=self.root,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def wherry(self, *words: str, timeout: float = 300) -> Any:
        """Run `wherry … --json`, which must succeed, and return what it told."""
        done = self.run(*words, "--json", timeout=timeout)
        assert done.code == 0, f"wherry {' '.join(words)}: exit {done.code}\n{done.out}{done.err}"
        return done.json


@contextmanager
def served(project: Project, model: str) -> Iterator[str]:
    """The address of `wherry serve`, at a port of its own, once it says that it answers."""
    with subprocess.Popen(
        [str(WHERRY), "serve", model, "--port", "0"],
        cwd=project.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr
            yield server.stderr.readline().split()[3]
        finally:
            server.terminate()
