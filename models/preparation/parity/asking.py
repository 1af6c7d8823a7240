"""
What the trained and the converted model answer to rows as a client sends them.

The trained one stands between the steps as NumPy does them. Either may refuse rows: these are then
asked in ever smaller groups, so that what it takes is compared, and what it refuses is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES
from models.preparation.sources.source import Source, Values
from models.preparation.steps import pipeline
from models.preparation.steps.pipeline import Steps
from wherry.manifest import TensorSpec
from wherry.session import Session

Rows = NDArray[Any]
Ask = Callable[[Values], Mapping[str, Rows]]
CALLS = 200  # how often one is asked of one set; rows not reached by then count as refused
SHOWN = 160  # characters of a reason


@dataclass(frozen=True)
class Told:
    """`answers` are of the rows that `took` marks, in order; `why` is why others were refused."""

    answers: Mapping[str, Rows]
    took: NDArray[np.bool_]
    why: str = ""


def inputs_of(source: Source, steps: Steps) -> tuple[TensorSpec, ...]:
    """What a client sends."""
    return (steps.input,) if steps.input else source.facts.inputs


def trained(source: Source, steps: Steps) -> Ask:
    """Asks the trained model, between the steps."""
    name = source.facts.inputs[0].name

    def ask(feeds: Values) -> Mapping[str, Rows]:
        if not steps:
            return source.answer(feeds)
        (rows,) = feeds.values()
        return _after(steps, source, source.answer({name: steps.before(rows)}))

    return ask


def converted(model: bytes) -> Ask:
    """Asks the converted one, in the session that serves."""
    session = Session(model, threads=1)
    names = tuple(session.outputs)

    def ask(feeds: Values) -> Mapping[str, Rows]:
        kept = {name: feeds[name] for name in session.inputs}
        return dict(zip(names, session.run(names, kept), strict=True))

    return ask


def asked(ask: Ask, feeds: Values) -> Told:
    """All rows at once, or, if that is refused, in halves, until what is refused stands alone."""
    rows = rows_of(feeds)
    took, parts, why, left = np.zeros(rows, np.bool_), [], "", [(0, rows)] if rows else []
    calls = 0
    while left and calls < CALLS:
        first, last = left.pop()
        calls += 1
        try:
            parts.append(_arrays(ask(picked(feeds, slice(first, last)))))
            took[first:last] = True
        except Exception as error:  # noqa: BLE001 - whatever a framework raises of rows it refuses
            why = why or _reason(error)
            middle = (first + last) // 2
            left += [(middle, last), (first, middle)] if last - first > 1 else []
    return Told(stacked(parts), took, why)


def picked(feeds: Values, rows: Any) -> dict[str, Rows]:
    """Those rows of every input."""
    return {name: values[rows] for name, values in feeds.items()}


def stacked(parts: list[dict[str, Rows]]) -> dict[str, Rows]:
    """Parts one below the other, by name."""
    names = parts[0] if parts else {}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def rows_of(feeds: Values) -> int:
    return len(next(iter(feeds.values())))


def _arrays(answers: Mapping[str, Any]) -> dict[str, Rows]:
    return {name: np.asarray(values) for name, values in answers.items()}


def _after(steps: Steps, source: Source, told: Mapping[str, Rows]) -> Mapping[str, Rows]:
    labels = source.facts.labels
    if PROBABILITIES in told:
        answers = pipeline.Answers(told[PROBABILITIES], told.get(LABEL), labels)
    elif PREDICTION in told:
        answers = pipeline.Answers(told[PREDICTION])
    else:
        return told
    last = steps.after(answers)
    if last.label is None:
        return {PREDICTION: last.numbers}
    return {LABEL: last.label, PROBABILITIES: last.numbers}


def _reason(error: Exception) -> str:
    told = " ".join(str(error).split())
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}…"
