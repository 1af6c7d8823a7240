"""
`build/zip/base`: the tree that a ZIP function is deployed from, dependencies and our code together.
A model with extras has a tree of its own, such as `build/zip/image`.

The CDK zips the folder and names the asset by its content, so the tree is the same for the same
locks and code. It refuses to be larger than what Lambda accepts.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.extras import closure_name
from infra.packaging.finish import size_of, trim
from infra.packaging.wheels import lock_of
from wherry.errors import ConfigurationError, RefusedError, ToolError

LIMIT = 250 * 1024 * 1024  # unpacked, layers included: Lambda's quota for ZIP functions
LOCK = "requirements/runtime.txt"
FINISH = Path(__file__).with_name("finish.py")
OURS = {  # where our code lies in the checkout, and in /var/task
    "functions/__init__.py": "functions/__init__.py",
    "functions/inference": "functions/inference",
    "layers/runtime/python/wherry": "wherry",
}
NOT_OURS = shutil.ignore_patterns("__pycache__", "*.pyc", "Dockerfile")
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}


@dataclass(frozen=True)
class ZipTree:
    """The tree, the Python that it is for, and its size unpacked."""

    folder: Path
    python: str
    bytes: int


def build_zip(
    root: Path, *, python: str = "3.13", architecture: str = "x86_64", extras: Sequence[str] = ()
) -> ZipTree:
    """Fill the tree, unless it already holds what the locks and our code ask for."""
    folder = root / "build" / "zip" / closure_name(extras)
    done = root / "build" / f"zip-{folder.name}.done"
    compiler = interpreter(python)
    locks = [root / LOCK, *(root / lock_of(extra) for extra in extras)]
    wanted = _fingerprint(root, locks, f"{python} {architecture} {bool(compiler)}")
    if not (done.is_file() and done.read_text() == wanted and folder.is_dir()):
        done.unlink(missing_ok=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=done.parent) as scratch:
            tree = Path(scratch, "zip")
            _install(locks, tree, python, PLATFORMS[architecture])
            trim(tree)
            _copy_ours(root, tree)
            if compiler:
                _finish(compiler, tree)
            check_size(tree)
            shutil.rmtree(folder, ignore_errors=True)
            tree.rename(folder)
        done.write_text(wanted)
    return ZipTree(folder, python, size_of(folder))


def interpreter(python: str) -> str | None:
    """A Python of that minor version on this machine, to compile with; None when there is none."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{python}")
    if found and subprocess.run([found, "-V"], capture_output=True, check=False).returncode == 0:
        return found
    return None


def _fingerprint(root: Path, locks: Sequence[Path], told: str) -> str:
    digest = hashlib.sha256(told.encode())
    sources = [*locks, Path(__file__), FINISH]
    for name in OURS:
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
            LOCK,
            f"the closure for Python {python} could not be installed: {done.stderr.strip()}",
            "Run `make setup`, check that this machine reaches its package index, then try again.",
        )
    (into / ".lock").unlink(missing_ok=True)


def _copy_ours(root: Path, tree: Path) -> None:
    for source, target in OURS.items():
        path = root / source
        if path.is_file():
            (tree / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, tree / target)
        else:
            shutil.copytree(path, tree / target, ignore=NOT_OURS, dirs_exist_ok=True)


def _finish(python: str, tree: Path) -> None:
    command = [python, str(FINISH), str(tree), "/var/task"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONHASHSEED": "0"}
    )
    if done.returncode:
        raise ConfigurationError("build/zip", (done.stdout + done.stderr).strip())


def check_size(tree: Path) -> None:
    """Raise RefusedError for a tree that Lambda would not take."""
    size = size_of(tree)
    if size > LIMIT:
        raise RefusedError(
            "build/zip",
            f"is {size / 2**20:.0f} MiB; Lambda takes {LIMIT / 2**20:.0f}",
            'Set packaging = "image" in model.toml, or remove a dependency.',
        )
