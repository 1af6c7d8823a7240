"""
No file is longer than 250 lines, and no function longer than 40: each can be read at one look.

What a tool generates is nobody's to shorten.
"""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

FILE, FUNCTION = 250, 40
GENERATED = "_pb2.py"


def sources(root: Path) -> list[Path]:
    """The Python files that git knows; those of a tree without git, but for ignored folders."""
    if (root / ".git").exists() and shutil.which("git"):
        words = ["git", "-C", str(root), "ls-files", "-z", "*.py"]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        found = [root / name for name in told.split("\0") if name]
    else:
        found = list(walked(root))
    return sorted(path for path in found if path.is_file() and not path.name.endswith(GENERATED))


def walked(folder: Path) -> Iterator[Path]:
    """Into no hidden folder, and none that something is built or installed into."""
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith("."):
            if path.name not in {"build", "cdk.out", "node_modules", "__pycache__"}:
                yield from walked(path)
        elif path.suffix == ".py":
            yield path


def too_long(root: Path) -> list[str]:
    return [told for path in sources(root) for told in beyond(path, str(path.relative_to(root)))]


def beyond(path: Path, name: str) -> Iterator[str]:
    """What of a file is too long: where, what, and how many lines it has."""
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > FILE:
        yield f"{name}:1 the file {lines}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION:
                yield f"{name}:{node.lineno} {node.name} {lines}"


def test_every_file_and_every_function_can_be_read_at_one_look(root: Path) -> None:
    found = too_long(root)

    assert not found, "too long (path:line name lines):\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\n" * FILE, ""),
        ("x = 1\n" * (FILE + 1), ":1 the file 251"),
        ("def f():\n" + "    x = 1\n" * (FUNCTION - 1), ""),
        ("\ndef f():\n" + "    x = 1\n" * FUNCTION, ":2 f 41"),
        ("class A:\n    async def f(self):\n" + "        x = 1\n" * FUNCTION, ":2 f 41"),
    ],
)
def test_what_is_too_long_by_one_line_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "one.py").write_text(text)
    (tmp_path / "other_pb2.py").write_text("x = 1\n" * 1000)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "copy.py").write_text("x = 1\n" * 1000)

    assert too_long(tmp_path) == ([f"one.py{told}"] if told else [])
