"""
What the runner needs, at the versions and hashes of this project's own lock.

So the machine at the edge gets the files that were tested here, or none. No registry is named.
"""

import re
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

from wherry.errors import ConfigurationError, ToolError

NEEDED = ("numpy", "onnxruntime")


def requirements(lock: Path) -> bytes:
    """The part of a lock that holds NEEDED and what they need; ToolError if it is not installed."""
    try:
        entries = _entries(lock.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(str(lock), "there is no such file", "Restore it.") from error
    _check_installed(lock, entries.get("onnxruntime", [""])[0])
    names = sorted({name for needed in NEEDED for name in _closure(needed)})
    return "".join(entry for name in names for entry in entries[name]).encode()


def _entries(lock: str) -> dict[str, list[str]]:
    """By name; one that depends on the Python is there several times."""
    found: dict[str, list[str]] = {}
    for entry in re.findall(r"^[a-z].*\n(?:[ ].*\n?)*", lock, re.MULTILINE):
        found.setdefault(re.split(r"[=\s]", entry)[0], []).append(entry)
    return found


def _closure(name: str) -> set[str]:
    needed = map(Requirement, requires(name) or ())
    names = [each.name for each in needed if not each.marker or each.marker.evaluate({"extra": ""})]
    return {name, *(inner for each in names for inner in _closure(each))}


def _check_installed(lock: Path, entry: str) -> None:
    """ORT format is made by the version that the bundle asks for."""
    here = version("onnxruntime")
    if not entry.startswith(f"onnxruntime=={here} "):
        raise ToolError(
            str(lock),
            f"onnxruntime {here} is installed, not it",
            "Run `make setup`.",
        )
