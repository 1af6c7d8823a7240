"""
`wherry optimize` without the terminal: from the build folder to the report, and to what is sealed.

It starts from what `wherry prepare` proved. Nothing is sealed by itself: `reseal` does that, with
all that preparation asks of an artifact.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from models.preparation.build import read_artifact
from models.preparation.config import ModelConfig, read_config
from models.preparation.optimizing.config import MEMORY_MB, options_of
from models.preparation.optimizing.measured import BASE
from models.preparation.optimizing.optimising import optimize
from models.preparation.optimizing.page import page_of
from models.preparation.optimizing.report import Report, report_of
from models.preparation.optimizing.settled import settled
from models.preparation.optimizing.subject import (
    Clock,
    Made,
    OptimizeOptions,
    Prefer,
    Progress,
    Subject,
)
from models.preparation.parity.gates import Gates
from models.preparation.tables import read_toml
from wherry.errors import UsageError

JSON, PAGE = "optimization.json", "optimization.html"
Opened = Callable[[ModelConfig, Path], AbstractContextManager[Subject]]


class Reseal(Protocol):
    """Put a model in place of the one that was prepared; raise WherryError if it is not fit."""

    def __call__(self, folder: Path, build: Path, made: Made, variant: str) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command was told; None: as model.toml says."""

    candidates: tuple[str, ...] | None = None
    prefer: Prefer | None = None
    seconds: float = 20.0
    dry_run: bool = False


def optimize_model(
    folder: Path,
    build: Path,
    asked: Asked,
    *,
    clock: Clock,
    progress: Progress,
    parts: "Parts",
) -> Report:
    """Raise UsageError if nothing is prepared, or the model is made of others."""
    config = read_config(folder)
    if config.compose is not None or config.slice is not None:
        raise UsageError(
            config.model.name, "it is made of other models", "Optimize those that it is made of."
        )
    family = read_artifact(config.model.name, build).manifest.parity.family
    options = _options(config, asked, family)
    with parts.opened(config, build) as subject:
        outcome = optimize(subject, options=options, clock=clock, progress=progress)
    report = report_of(config.model.name, subject.rows, options, outcome)
    if not asked.dry_run:
        made = outcome.chosen
        if report.chosen == BASE:  # as preparation seals it
            made, _ = settled(subject.model, subject.rows, save=True)
        parts.reseal(folder, build, made, report.chosen)
    (build / JSON).write_bytes(report.to_bytes())
    (build / PAGE).write_bytes(page_of(report))
    return report


@dataclass(frozen=True)
class Parts:
    """What the command does not do itself: reading a build, and sealing."""

    opened: Opened
    reseal: Reseal


def _options(config: ModelConfig, asked: Asked, family: str) -> OptimizeOptions:
    memory = read_toml(config.path).get("deploy", {}).get("memory_mb", MEMORY_MB)
    gates = Gates.of(family, config.prepare)
    options = options_of(config.optimize, gates.atol + gates.rtol, int(memory))
    return replace(
        options,
        seconds=asked.seconds,
        prefer=asked.prefer or options.prefer,
        candidates=asked.candidates or options.candidates,
    )
