"""
The wheels of `requirements/runtime.txt`, in `build/wheels`, for the image's Python and processor.

The image build has no network: it installs from this folder. Every wheel is checked against the
hash in the lock, here and again in the build. A source distribution is refused: building one would
run its author's code and depend on this machine.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

from wherry.errors import ToolError

LOCKS = ("requirements/runtime.txt", "requirements/pip.txt")
MANYLINUX = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


def download_wheels(root: Path, *, python: str = "3.13", architecture: str = "x86_64") -> Path:
    """Fill `build/wheels`, unless it already holds what the locks ask for; return the folder."""
    folder, done = root / "build" / "wheels", root / "build" / "wheels.done"
    lock = "".join((root / name).read_text() for name in LOCKS)
    wanted = hashlib.sha256(f"{python} {architecture}\n{lock}".encode()).hexdigest()
    if done.is_file() and done.read_text() == wanted and folder.is_dir():
        return folder
    done.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=_made(folder.parent)) as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(lock_for(lock, python=python, machine=MACHINES[architecture]))
        _download(requirements, Path(scratch, "wheels"), python, MACHINES[architecture])
        shutil.rmtree(folder, ignore_errors=True)
        Path(scratch, "wheels").rename(folder)
    done.write_text(wanted)
    return folder


def lock_for(lock: str, *, python: str, machine: str) -> str:
    """
    Only the entries of `lock` that apply to that Python on Linux, without their markers.

    pip would judge the markers by the Python that runs it, not by the one it downloads for.
    """
    target = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    kept: list[str] = []
    applies = False
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            requirement, _, marker = line.removesuffix("\\").partition(";")
            applies = not marker or Marker(marker.strip()).evaluate(dict(target))
            line = f"{requirement.strip()} \\"  # noqa: PLW2901 (the entry's first line, rewritten)
        if applies:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _download(requirements: Path, into: Path, python: str, machine: str) -> None:
    platforms = [f"--platform={tag}_{machine}" for tag in MANYLINUX]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation=cp",
        f"--python-version={python}", *platforms, "--dest", str(into), "-r", str(requirements),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(
            "requirements/runtime.txt",
            f"the wheels for Python {python} could not be downloaded: {_last_line(done.stderr)}",
            "Check that this machine reaches its package index, then try again.",
        )


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.strip().splitlines()) if line), "no reason given")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
