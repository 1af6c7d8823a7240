"""
What a rollout asks of Lambda: read an alias, move it, list versions, invoke or delete one.

`Functions` is the seam: `wherry_control.gateway.Gateway` is the real one, and an in-memory Lambda
stands behind it in tests; one contract test runs over both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

ALIAS = "live"
LATEST = "$LATEST"
DIGITS = 6  # of a weight in percent: what is asked for and what AWS tells back are then the same


@dataclass(frozen=True)
class Traffic:
    """Where requests go: all to `stable`, but `weight` percent of them to `candidate`."""

    stable: str
    candidate: str | None = None
    weight: float = 0.0

    @property
    def is_split(self) -> bool:
        return self.candidate is not None

    def __str__(self) -> str:
        if self.candidate is None:
            return f"release {self.stable} 100 %"
        return (
            f"release {self.stable} {100 - self.weight:g} %, "
            f"candidate {self.candidate} {self.weight:g} %"
        )


@dataclass(frozen=True)
class Live:
    """The alias as AWS has it; `revision` proves, when it is moved, that nobody moved it first."""

    traffic: Traffic
    revision: str


@dataclass(frozen=True)
class FunctionVersion:
    """One published version, with all that must agree between two versions behind one alias."""

    version: str
    code_sha256: str = ""
    description: str = ""
    role: str = ""
    dead_letter: str = ""
    published_at: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


class Functions(Protocol):
    """Lambda, as far as releases and rollouts need it. `live` and `move` are about ALIAS."""

    def live(self, function: str) -> Live: ...

    def move(self, function: str, wanted: Traffic, *, revision: str) -> Live:
        """Raise ConflictError, and move nothing, if `revision` is not the alias's own any more."""
        ...

    def versions(self, function: str) -> list[FunctionVersion]:
        """All published versions, oldest first; never $LATEST."""
        ...

    def delete(self, function: str, version: str) -> None:
        """Remove a published version; raise ConflictError, and remove nothing, if it is in use."""
        ...

    def invoke(self, function: str, version: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the handler returned; raise ModelError if it failed."""
        ...
