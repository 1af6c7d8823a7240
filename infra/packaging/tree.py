"""
Trees of Python code that Lambda is given: dependencies by their locks and our code, together.

The CDK zips a folder and names the asset by its content, so a tree is the same for the same locks
and code. It refuses to be larger than what Lambda accepts.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.finish import size_of, trim
from wherry.errors import ConfigurationError, RefusedError, ToolError

LIMIT = 250 * 1024 * 1024  # unpacked, layers included: Lambda's quota for ZIP functions
FINISH = Path(__file__).with_name("finish.py")
NOT_OURS = shutil.ignore_patterns("__pycache__", "*.pyc", "Dockerfile")
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """
    What a tree is made of; all paths but `home` are relative to the checkout.

    `ours` says where our code lies in the checkout and in the tree, `inside` which folder of
    `folder` the tree is, and `home` where a function finds it.
    """

    folder: str
    locks: Sequence[str]
    ours: Mapping[str, str]
    home: str
    inside: str = ""


@dataclass(frozen=True)
class Tree:
    """The folder, the Python that it is for, and its size unpacked."""

    folder: Path
    python: str
    bytes: int


def build_tree(root: Path, layout: Layout, *, python: str, architecture: str) -> Tree:
    """Fill the tree, unless it already holds what the locks and our code ask for."""
    folder = root / layout.folder
    done = root / "build" / f"{'-'.join(Path(layout.folder).parts[1:])}.done"
    compiler = interpreter(python)
    wanted = _fingerprint(root, layout, f"{python} {architecture} {bool(compiler)}")
    if not (done.is_file() and done.read_text() == wanted and folder.is_dir()):
        done.unlink(missing_ok=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=done.parent) as scratch:
            whole = Path(scratch, "tree")
            tree = whole / layout.inside
            _install([root / lock for lock in layout.locks], tree, python, PLATFORMS[architecture])
            trim(tree)
            _copy_ours(root, layout, tree)
            if compiler:
                _finish(compiler, tree, layout)
            check_size(tree, layout.folder)
            shutil.rmtree(folder, ignore_errors=True)
            whole.rename(folder)
        done.write_text(wanted)
    return Tree(folder, python, size_of(folder))


def interpreter(python: str) -> str | None:
    """A Python of that minor version on this machine, to compile with; None when there is none."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{python}")
    if found and subprocess.run([found, "-V"], capture_output=True, check=False).returncode == 0:
        return found
    return None


def _fingerprint(root: Path, layout: Layout, told: str) -> str:
    digest = hashlib.sha256(f"{told} {layout.home} {layout.inside}".encode())
    sources = [*(root / lock for lock in layout.locks), Path(__file__), FINISH]
    for name in layout.ours:
        found = [root / name, *sorted((root / name).rglob("*"))]
        sources += [p for p in found if p.is_file() and p.suffix != ".pyc"]
    for source in sources:
        data = source.read_bytes()
        digest.update(f"{source.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _install(locks: Sequence[Path], into: Path, python: str, platform: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [
        str(uv), "pip", "install", "--quiet", "--system-certs", "--no-deps", "--require-hashes",
        "--only-binary=:all:", "--link-mode=copy", f"--python-version={python}",
        f"--python-platform={platform}", "--target", str(into),
        *(word for lock in locks for word in ("-r", str(lock))),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(
            str(locks[0].relative_to(locks[0].parents[1])),
            f"the closure for Python {python} could not be installed: {done.stderr.strip()}",
            "Run `make setup`, check that this machine reaches its package index, then try again.",
        )
    (into / ".lock").unlink(missing_ok=True)


def _copy_ours(root: Path, layout: Layout, tree: Path) -> None:
    for source, target in layout.ours.items():
        path = root / source
        if path.is_file():
            (tree / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, tree / target)
        else:
            shutil.copytree(path, tree / target, ignore=NOT_OURS, dirs_exist_ok=True)


def _finish(python: str, tree: Path, layout: Layout) -> None:
    command = [python, str(FINISH), str(tree), layout.home]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONHASHSEED": "0"}
    )
    if done.returncode:
        raise ConfigurationError(layout.folder, (done.stdout + done.stderr).strip())


def check_size(tree: Path, where: str) -> None:
    """Raise RefusedError for a tree that Lambda would not take."""
    size = size_of(tree)
    if size > LIMIT:
        raise RefusedError(
            where,
            f"is {size / 2**20:.0f} MiB; Lambda takes {LIMIT / 2**20:.0f}",
            'Set packaging = "image" in model.toml, or remove a dependency.',
        )
