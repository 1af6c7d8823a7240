"""The inputs of a deployment: the right wheels, nothing unused, the same bytes twice."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from infra.packaging.finish import compile_for, settle, size_of, trim
from infra.packaging.tree import LIMIT, check_size, interpreter
from infra.packaging.wheels import lock_for
from wherry.errors import RefusedError

LOCK = """\
both==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
old==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:cc
new==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:dd
windows==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:ee
arm==1.0 ; platform_machine == 'aarch64' \\
    --hash=sha256:ff
"""


@pytest.mark.parametrize(
    ("python", "machine", "kept"),
    [
        ("3.11", "x86_64", ["both", "old"]),
        ("3.13", "x86_64", ["both", "new"]),
        ("3.13", "aarch64", ["both", "new", "arm"]),
    ],
)
def test_a_lock_is_read_for_the_image_and_not_for_this_machine(
    python: str, machine: str, kept: list[str]
) -> None:
    lines = lock_for(LOCK, python=python, machine=machine).splitlines()

    assert [line.partition("==")[0] for line in lines if "==" in line] == kept
    assert ";" not in "".join(lines)


def test_every_hash_of_what_is_kept_stays() -> None:
    told = lock_for(LOCK, python="3.13", machine="x86_64")

    assert "--hash=sha256:aa \\" in told
    assert "--hash=sha256:bb" in told
    assert "--hash=sha256:cc" not in told


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return folder


def test_what_is_never_used_is_deleted_and_the_rest_kept(tmp_path: Path) -> None:
    kept = {"onnxruntime/capi/state.so", "numpy/core.py", "numpy-1.dist-info/METADATA"}
    gone = {
        "onnxruntime/capi/libonnxruntime.so.1",
        "onnxruntime/transformers/a.py",
        "numpy/linalg/tests/test_a.py",
        "numpy/core.pyi",
        "google/protobuf/message.py",
    }
    made(tmp_path, *kept, *gone)

    saved = trim(tmp_path)

    assert {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*") if f.is_file()} == kept
    assert saved == 6 * len(gone)
    assert size_of(tmp_path) == 6 * len(kept)


def test_a_finished_tree_is_the_same_whoever_made_it(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one", "a/b.py"), made(tmp_path / "two", "a/b.py")
    (two / "a/b.py").chmod(0o600)
    os.utime(two / "a/b.py", (5, 5))

    for tree in (one, two):
        compile_for(tree, "/var/task")
        settle(tree)

    def told(tree: Path) -> list[tuple[str, int, float, bytes]]:
        files = sorted(path for path in tree.rglob("*") if path.is_file())
        return [
            (str(f.relative_to(tree)), f.stat().st_mode, f.stat().st_mtime, f.read_bytes())
            for f in files
        ]

    assert told(one) == told(two)
    assert len(told(one)) == 2


def test_compiled_modules_are_trusted_unchecked(tmp_path: Path) -> None:
    made(tmp_path, "a.py")

    compile_for(tmp_path, "/var/task")

    compiled = Path(importlib.util.cache_from_source(str(tmp_path / "a.py"))).read_bytes()
    assert compiled[4:8] == bytes([1, 0, 0, 0])  # PEP 552: a hash, and nobody checks it
    assert b"/var/task/a.py" in compiled


def test_a_tree_that_lambda_would_refuse_is_refused_here(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(LIMIT + 1)

    with pytest.raises(RefusedError, match="250"):
        check_size(tmp_path, "build/zip")


def test_this_python_can_compile_for_itself() -> None:
    assert interpreter(f"{sys.version_info.major}.{sys.version_info.minor}") == sys.executable
    assert interpreter("2.1") is None
