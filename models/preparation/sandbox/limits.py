"""How much a child may use. Everything is a hard bound: over it, the child ends and is told of."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """
    `cpu_seconds` and `wall_seconds` are for one request; `disk_bytes` and `files` for all that lies
    in the child's folder beside what lay there when it started.

    `memory_bytes` is address space, of which frameworks reserve more than they use: CatBoost takes
    1.7 GiB of it for a small model.
    """

    cpu_seconds: int = 300
    wall_seconds: float = 600
    memory_bytes: int = 8 << 30
    disk_bytes: int = 4 << 30
    files: int = 20_000
    threads: int = 512

    def told(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def over_cpu(self) -> str:
        return f"it needs more than {self.cpu_seconds} seconds of CPU time"

    @property
    def over_wall(self) -> str:
        return f"it gave no answer within {self.wall_seconds:g} seconds"

    @property
    def over_memory(self) -> str:
        return f"it needs more than {_size(self.memory_bytes)} of memory"

    @property
    def over_disk(self) -> str:
        return f"it writes more than {_size(self.disk_bytes)}"

    @property
    def over_files(self) -> str:
        return f"it writes more than {self.files} files"

    @property
    def over_threads(self) -> str:
        return f"it starts more than {self.threads} threads"


def _size(count: int) -> str:
    for bits, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if count >> bits:
            return f"{count / (1 << bits):.3g} {unit}"
    return f"{count} bytes"
