"""How much a child may use. Everything is a hard bound: over it, the child ends and is told of."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """`cpu_seconds` and `wall_seconds` are for one request; `disk_bytes` for any one file."""

    cpu_seconds: int = 300
    wall_seconds: float = 600
    memory_bytes: int = 8 << 30
    disk_bytes: int = 4 << 30
    processes: int = 64

    def told(self) -> dict[str, Any]:
        return asdict(self)
