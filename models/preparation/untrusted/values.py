"""What a pickle would make, written down and never made: constants, containers, names and calls."""

from dataclasses import dataclass, field
from typing import Any

Value = Any  # None, bool, int, float, str, or one of these


@dataclass(frozen=True)
class Named:
    """A global that the file asks for."""

    module: str
    name: str


@dataclass
class Made:
    """What calling `maker` would give; `state` is what BUILD would set."""

    maker: Value
    arguments: Value
    state: Value = None


@dataclass
class Sequence:
    """A tuple or a list."""

    items: list[Value] = field(default_factory=list)


@dataclass
class Mapping:
    """Pairs, in order; never hashed."""

    pairs: list[tuple[Value, Value]] = field(default_factory=list)

    def get(self, key: str) -> Value:
        """The last one wins, as in a dict; None where there is none."""
        return next((v for k, v in reversed(self.pairs) if isinstance(k, str) and k == key), None)


class Opaque:
    """A value that nobody needs to know: a string of Python 2, a big number, bytes, a set."""


OPAQUE = Opaque()
