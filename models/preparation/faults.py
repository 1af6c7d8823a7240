"""What pydantic finds wrong with a table, told as key, value and what is allowed."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails


class Fault(NamedTuple):
    """The first thing wrong: at `key`, `what` is wrong, and `todo` says what is allowed."""

    key: str
    what: str
    todo: str


def first_fault(error: ValidationError, allowed: Sequence[str]) -> Fault:
    """`allowed` are the keys of the table that was validated."""
    found = error.errors()[0]
    key = ".".join(str(part) for part in found["loc"])
    return Fault(key, *_told(found, allowed))


def _told(found: ErrorDetails, allowed: Sequence[str]) -> tuple[str, str]:
    context = found.get("ctx", {})
    match found["type"]:
        case "extra_forbidden":
            return "no such key", f"Allowed: {', '.join(allowed) or 'none'}."
        case "json_invalid":
            return "it is no JSON", f"{context['error']}."
        case "missing":
            return "it is missing", "Add it."
        case "literal_error":
            return f"{found['input']!r:.80} is not allowed", f"Allowed: {context['expected']}."
        case "value_error":
            return f"{found['input']!r:.80} is not allowed", f"{context['error']}."
        case _:
            return f"{found['input']!r:.80} is not allowed", f"{found['msg']}."
