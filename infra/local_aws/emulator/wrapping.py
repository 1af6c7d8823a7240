"""How a fix takes the place of a function of MiniStack, or ends the start where it cannot."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

VERSION = "1.5.33"
Record = dict[str, Any]


def check_version(found: str) -> None:
    """End here on another MiniStack than the one that the fixes were written for."""
    if found != VERSION:
        sys.exit(f"emulator: this is MiniStack {found}; the fixes were written for {VERSION}")


def wrap(module: ModuleType | type, name: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """Replace `module.name` by what `make` returns for the original."""
    check(module, name)
    setattr(module, name, make(getattr(module, name)))


def check(module: ModuleType | type, *names: str) -> None:
    """End here if something is not there that a fix uses."""
    for name in names:
        if getattr(module, name, None) is None:
            sys.exit(
                f"emulator: MiniStack has no {module.__name__}.{name}; its fix must be revised"
            )
