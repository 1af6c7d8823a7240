"""An error of ours from one process to another: told as JSON there, raised again here."""

from collections.abc import Mapping

from wherry import errors
from wherry.errors import WherryError


def told(error: WherryError) -> dict[str, str]:
    """What `raised` makes the same error of."""
    parts = {"where": error.where, "what": error.what, "todo": error.todo}
    return {"kind": type(error).__name__, **parts}


def raised(told: Mapping[str, str]) -> WherryError:
    """The error, of its own class; one of a class that is not known here is still an error."""
    kind = getattr(errors, told["kind"], WherryError)
    if not (isinstance(kind, type) and issubclass(kind, WherryError)):
        kind = WherryError
    return kind(told["where"], told["what"], told["todo"])
