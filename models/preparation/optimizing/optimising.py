"""
All candidates of a model made, asked, timed side by side and judged.

A candidate that cannot be made is no failure: its reason is told. fp32 is always among them, and is
what remains when nothing is better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.preparation.optimizing.catalogue import VARIANTS
from models.preparation.optimizing.choose import Choice, choose
from models.preparation.optimizing.making import known, made
from models.preparation.optimizing.measure import Timer, load_of, speeds
from models.preparation.optimizing.measured import BASE, Candidate, Kind
from models.preparation.optimizing.quality import quality_of
from models.preparation.optimizing.settled import Answers
from models.preparation.optimizing.students import notes_of
from models.preparation.optimizing.subject import (
    Clock,
    Made,
    OptimizeOptions,
    Progress,
    Retrain,
    Subject,
)
from wherry.errors import UsageError, WherryError

LEAST_THREADS = 2  # the table shows what more than one does


@dataclass(frozen=True)
class Outcome:
    """The candidates, fp32 first; which is best, and the models and answers of those made."""

    candidates: tuple[Candidate, ...]
    choice: Choice
    models: Mapping[str, Made]
    answers: Mapping[str, Answers]
    notes: tuple[str, ...]

    @property
    def chosen(self) -> Made:
        return self.models[self.choice.name]


def optimize(
    subject: Subject, *, options: OptimizeOptions, clock: Clock, progress: Progress
) -> Outcome:
    """Raise UsageError for a candidate that does not exist."""
    names = _names(subject.retrain, options)
    models: dict[str, Made] = {}
    answers: dict[str, Answers] = {}
    found = []
    for number, name in enumerate(names, 1):
        progress(f"{name} ({number} of {len(names)})")
        found.append(_tried(name, subject, models, answers))
    if subject.retrain is None and options.candidates is None:
        found.append(
            Candidate("retrained", "refits and students", "retrained", reason=subject.untaught)
        )
    timer = Timer(clock, options.seconds, progress)
    threads = sorted({1, options.threads, max(LEAST_THREADS, options.threads)})
    timed = speeds(
        {name: load_of(each) for name, each in models.items()}, subject.rows, threads, timer
    )
    candidates = tuple(replace(each, speed=timed.get(each.name)) for each in found)
    notes = notes_of(subject, candidates, answers)
    return Outcome(candidates, choose(candidates, options), models, answers, notes)


def _names(retrain: Retrain | None, options: OptimizeOptions) -> list[str]:
    all_names = known(retrain)
    if options.candidates is None:
        return [BASE, *all_names]
    unknown = [name for name in options.candidates if name not in all_names and name != BASE]
    if unknown:
        raise UsageError(
            "candidates", f"there is no {unknown[0]!r}", f"Choose from {', '.join(all_names)}."
        )
    return [BASE, *(name for name in all_names if name in options.candidates)]


def _tried(
    name: str, subject: Subject, models: dict[str, Made], answers: dict[str, Answers]
) -> Candidate:
    what, kind = _about(name, subject.retrain)
    try:
        one, told = made(name, subject.model, subject.rows, subject.calibration, subject.retrain)
        quality = quality_of(subject, answers.get(BASE, told), told)
        refusal = None if name == BASE else subject.refusal(one)
    except WherryError as error:
        if name == BASE:
            raise
        return Candidate(name, what, kind, reason=error.what)
    models[name], answers[name] = one, told
    return Candidate(name, what, kind, len(one.model), one.optimized, quality, reason=refusal)


def _about(name: str, retrain: Retrain | None) -> tuple[str, Kind]:
    if name == BASE:
        return "as it was converted", "exact"
    if name in VARIANTS:
        return VARIANTS[name].what, VARIANTS[name].kind
    return (retrain.offers[name] if retrain else ""), "retrained"
