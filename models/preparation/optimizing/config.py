"""
[optimize] of model.toml: what `wherry optimize` tries and wants, and what `wherry prepare` seals.

With `use`, preparation makes that variant again, and measures nothing.
"""

from pathlib import Path
from typing import Any

from pydantic import Field

from models.preparation.optimizing.subject import OptimizeOptions, Prefer
from models.preparation.tables import Strict, table
from wherry.settings import MEGABYTES_PER_CPU

MEMORY_MB = 512  # where [deploy] does not say


class OptimizeTable(Strict):
    """Shares, all of them; see OptimizeOptions."""

    use: str | None = None
    candidates: list[str] | None = Field(default=None, min_length=1)
    prefer: Prefer = "latency"
    metric_drop: float = Field(default=0.01, ge=0, le=1)
    min_gain: float = Field(default=0.1, ge=0, lt=1)


def read_optimize(path: Path, told: dict[str, Any]) -> OptimizeTable:
    """Of the whole of model.toml; raise ConfigurationError at the first thing not allowed."""
    return table(OptimizeTable, path, "optimize", told.get("optimize", {}))


def options_of(told: OptimizeTable, tolerance: float, memory_mb: int) -> OptimizeOptions:
    """`memory_mb` is [deploy]'s: threads are as many as it has whole vCPUs."""
    return OptimizeOptions(
        candidates=None if told.candidates is None else tuple(told.candidates),
        prefer=told.prefer,
        metric_drop=told.metric_drop,
        min_gain=told.min_gain,
        tolerance=tolerance,
        threads=max(1, memory_mb // MEGABYTES_PER_CPU),
    )
