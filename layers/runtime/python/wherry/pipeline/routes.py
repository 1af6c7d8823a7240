"""
The steps that choose, row by row, which step answers: a switch by a value, a cascade by confidence.

A route computes nothing itself. It asks a step for the rows that are that step's, and puts the
answers back in the order in which the rows came. No row falls through: one that no case takes is
the caller's to change.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ArtifactError, ModelError, RequestError
from wherry.pipeline.leaves import FRACTIONS, NAMES, Tensors
from wherry.pipeline.order import where
from wherry.pipeline.spec import CascadeStep, SwitchStep, branches
from wherry.protocol.signature import quoted

Rows = NDArray[np.intp]
Part = tuple[Rows, Tensors]


class Answers(Protocol):
    """What a route asks of the call that it is part of."""

    @property
    def rows(self) -> int: ...

    def tensor(self, source: str) -> NDArray[Any]: ...

    def step(self, name: str, rows: Rows) -> Tensors: ...


class SwitchRoute:
    """See SwitchStep."""

    def __init__(
        self,
        step: SwitchStep,
        by: str,
        given: Mapping[str, Mapping[str, str]],
        taken: Sequence[str],
    ) -> None:
        if by not in NAMES:
            raise ArtifactError(
                where(step.name), f"{step.by} is {by}", "Switch by text, whole numbers or BOOL."
            )
        for case in step.cases:
            if not _can_be(case, by):
                raise ArtifactError(
                    where(step.name), f"{step.by} is {by}, and is never {case!r}", "Mend `cases`."
                )
        self.outputs = _common(step, given)
        self._step, self._taken = step, taken

    def answer(self, call: Answers) -> Tensors:
        values = call.tensor(self._step.by)
        if values.size != call.rows:
            raise ModelError(
                where(self._step.name), f"{self._step.by} is {values.shape}, not one value a row"
            )
        chosen: dict[str, list[int]] = {}
        for row, value in enumerate(values.reshape(-1).tolist()):
            chosen.setdefault(self._chosen(row, value), []).append(row)
        chosen = chosen or {branches(self._step)[0]: []}  # of no rows, too, the datatypes are asked
        parts = [(rows, call.step(name, rows)) for name, rows in _indexed(chosen)]
        return _scattered(where(self._step.name), call.rows, self._taken, parts)

    def _chosen(self, row: int, value: Any) -> str:
        told = _as_text(value)
        name = self._step.cases.get(told, self._step.otherwise)
        if name is None:
            raise RequestError(
                f"{self._step.by}, row {row}",
                f"{quoted(told)} chooses no model; {', '.join(map(quoted, self._step.cases))} do",
            )
        return name


class CascadeRoute:
    """See CascadeStep."""

    def __init__(
        self, step: CascadeStep, given: Mapping[str, Mapping[str, str]], taken: Sequence[str]
    ) -> None:
        self.outputs = _common(step, given)
        if self.outputs.get(step.confidence) not in FRACTIONS:
            raise ArtifactError(
                where(step.name),
                f"its steps do not all give fractions called {step.confidence!r}",
                "Name in `confidence` the output that says how sure each step is.",
            )
        self._step, self._taken = step, taken

    def answer(self, call: Answers) -> Tensors:
        parts: list[Part] = []
        left = np.arange(call.rows)
        for name in self._step.steps:
            told = call.step(name, left)
            sure = self._sure(told[self._step.confidence], len(left))
            sure |= name == self._step.steps[-1]
            parts.append((left[sure], {each: told[each][sure] for each in self._taken}))
            left = left[~sure]
            if not left.size:
                break
        return _scattered(where(self._step.name), call.rows, self._taken, parts)

    def _sure(self, confidence: NDArray[Any], rows: int) -> NDArray[np.bool_]:
        """NaN is not sure."""
        largest = confidence.reshape(rows, -1).max(axis=1) if rows else np.empty(0)
        return np.asarray(largest >= self._step.threshold)


Route = SwitchRoute | CascadeRoute


def _common(
    step: SwitchStep | CascadeStep, given: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """The outputs that all the steps it asks give alike."""
    kinds = [given[name].items() for name in branches(step)]
    return dict(item for item in kinds[0] if all(item in each for each in kinds))


def _indexed(chosen: Mapping[str, list[int]]) -> Iterator[tuple[str, Rows]]:
    return ((name, np.array(rows, np.intp)) for name, rows in chosen.items())


def _can_be(case: str, datatype: str) -> bool:
    if datatype == "BOOL":
        return case in {"true", "false"}
    return datatype == "BYTES" or (case.lstrip("-").isdecimal() and str(int(case)) == case)


def _as_text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.decode(errors="replace")
        case _:
            return str(value)


def _scattered(place: str, rows: int, names: Sequence[str], parts: Sequence[Part]) -> Tensors:
    """Each part's rows at their place in the whole."""
    whole: dict[str, NDArray[Any]] = {}
    for name in names:
        shapes = {told[name].shape[1:] for _, told in parts}
        if len(shapes) > 1:
            raise ModelError(place, f"{name} differs in shape from step to step: {sorted(shapes)}")
        whole[name] = np.empty((rows, *shapes.pop()), parts[0][1][name].dtype)
        for index, told in parts:
            whole[name][index] = told[name]
    return whole
