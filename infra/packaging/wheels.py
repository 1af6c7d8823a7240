"""
The locked wheels of the image, in `build/wheels`, for its Python and processor.

`runtime` holds what every image has, and each extra (`image`, `text`, `signed`) has a folder of its
own, so that a model without it has an image that does not change with it. The image build has no
network: it installs from these folders. Every wheel is checked against the hash in the lock, here
and again in the build. A source distribution is refused: building one would run its author's code
and depend on this machine.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from packaging.markers import Marker

from wherry.errors import ToolError

LOCKS = ("requirements/runtime.txt", "requirements/pip.txt")
MANYLINUX = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


def download_wheels(
    root: Path, *, python: str = "3.13", architecture: str = "x86_64", extras: Sequence[str] = ()
) -> Path:
    """Fill `build/wheels`, as far as it lacks what the locks ask for; return the folder."""
    folder = root / "build" / "wheels"
    for name, locks in {"runtime": LOCKS, **{each: (lock_of(each),) for each in extras}}.items():
        lock = "".join((root / path).read_text() for path in locks)
        _fill(folder / name, lock, python, architecture)
    return folder


def lock_of(extra: str) -> str:
    """Where the packages of an extra are locked."""
    return f"requirements/{extra}.txt"


def _fill(folder: Path, lock: str, python: str, architecture: str) -> None:
    done = folder.parent.with_name(f"wheels-{folder.name}.done")
    wanted = hashlib.sha256(f"{python} {architecture}\n{lock}".encode()).hexdigest()
    if done.is_file() and done.read_text() == wanted and folder.is_dir():
        return
    done.unlink(missing_ok=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=done.parent) as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(lock_for(lock, python=python, machine=MACHINES[architecture]))
        _download(requirements, Path(scratch, "wheels"), python, MACHINES[architecture])
        shutil.rmtree(folder, ignore_errors=True)
        Path(scratch, "wheels").rename(folder)
    done.write_text(wanted)


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
            "requirements",
            f"the wheels for Python {python} could not be downloaded: {_last_line(done.stderr)}",
            "Check that this machine reaches its package index, then try again.",
        )


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.strip().splitlines()) if line), "no reason given")
