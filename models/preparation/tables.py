"""
The tables of a `model.toml`, read strictly: nothing is coerced, and no key is passed over.

Each fault is told with the file, the table and key, the value, and what is allowed. What the tables
mean is for their owners to say.
"""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from models.preparation.faults import first_fault
from wherry.errors import ConfigurationError

_Table = TypeVar("_Table", bound=BaseModel)


class Strict(BaseModel):
    """A table whose keys are all known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_toml(path: Path) -> dict[str, Any]:
    """The whole file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            str(path), "there is no such file", f"`wherry new {path.parent.name}` makes a model."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), f"it cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(str(path), f"it is no TOML: {error}") from error


def table(kind: type[_Table], path: Path, name: str, told: object) -> _Table:
    """The table [name], told as `kind`."""
    keys = must_be(dict, path, name, told)
    try:
        return kind.model_validate(keys, strict=True)
    except ValidationError as error:
        fault = first_fault(error, tuple(kind.model_fields))
        where = " ".join(part for part in (f"{path}: [{name}]", fault.key) if part)
        raise ConfigurationError(where, fault.what, fault.todo) from error


def must_be(kind: type, path: Path, name: str, told: object) -> Any:
    """`told`, which is a dict ([name]) or a list ([[name]])."""
    if isinstance(told, kind):
        return told
    written = f"[[{name}]]" if kind is list else f"[{name}]"
    raise ConfigurationError(f"{path}: {name}", f"{told!r} is no table", f"Write it as {written}.")


def check_keys(path: Path, name: str, told: dict[str, Any], allowed: tuple[str, ...]) -> None:
    """Raise ConfigurationError at the first table in [name] (or, if empty, in the file) unknown."""
    for key in told:
        if key not in allowed:
            where = f"{path}: {name}.{key}" if name else f"{path}: {key}"
            raise ConfigurationError(where, "no such table", f"Allowed: {', '.join(allowed)}.")
