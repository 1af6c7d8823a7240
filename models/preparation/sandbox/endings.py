"""What a child said, and what its end means, in one line that is safe to print."""

import json
import os
import signal
from typing import Any

from models.preparation.sandbox.limits import Limits
from wherry import errors
from wherry.errors import ToolError, UnsafeError, WherryError

SHOWN = 300  # characters of the last line that a child wrote before it ended
TAIL = 8192  # bytes of its log that are read
STARVED = (
    "bad_alloc",
    "MemoryError",
    "Cannot allocate memory",
    "Memory allocation",
    "out of memory",
)


def understood(line: bytes) -> dict[str, Any] | WherryError | None:
    """An answer, the error that the child raised, or None if it is neither."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match told:
        case {"answer": dict(answer)}:
            return answer
        case {
            "error": {"kind": str(kind), "where": str(where), "what": str(what), "todo": str(todo)}
        }:
            return _kind(kind)(plain(where), plain(what), plain(todo))
    return None


def ended(code: int, log: int, limits: Limits) -> WherryError:
    """`code` as subprocess tells it; `log` is the descriptor, as the child could move the file."""
    size = os.fstat(log).st_size
    lines = os.pread(log, TAIL, max(0, size - TAIL)).decode(errors="replace").strip().splitlines()
    last = plain(lines[-1])[-SHOWN:] if lines else "it said nothing"
    if -code == signal.SIGXCPU:
        return UnsafeError("the model", limits.over_cpu)
    if -code == signal.SIGXFSZ:
        return UnsafeError("the model", limits.over_disk)
    if -code == signal.SIGKILL:
        return UnsafeError("the model", "the system ended it: this machine has no memory left")
    if -code == signal.SIGSYS:
        return UnsafeError("the model", "it called what a model has no business with")
    if any(word in line for word in STARVED for line in lines):
        return UnsafeError("the model", limits.over_memory)
    how = f"signal {_signal(-code)}" if code < 0 else f"exit code {code}"
    return ToolError("the child that opens the model", f"it ended with {how}: {last}")


def _signal(number: int) -> str:
    """Real-time signals have no names."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def plain(text: str) -> str:
    """Without what a terminal would act on."""
    return "".join(each if each.isprintable() else " " for each in text)


def _kind(name: str) -> type[WherryError]:
    kind = getattr(errors, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, WherryError) else UnsafeError
