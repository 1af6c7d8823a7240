"""
What a pipeline must answer, worked out the long way: every step on every row, then row by row.

It shares no code with what serves, only the manifest's words. The two must agree: that is the
proof that asking some steps for some rows changes no answer.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.pipeline.order import in_order
from wherry.pipeline.spec import (
    CascadeStep,
    MeanStep,
    ModelStep,
    PipelineSpec,
    Step,
    SwitchStep,
    VoteStep,
    WeightedStep,
)
from wherry.session import Session

Values = dict[str, NDArray[Any]]


def dense_answers(
    spec: PipelineSpec, sessions: Mapping[str, Session], feeds: Mapping[str, NDArray[Any]]
) -> Values:
    """Every output of the pipeline; `sessions` by file."""
    values: Values = dict(feeds)
    for step in in_order(spec, feeds):
        told = _answers(step, sessions, values)
        values |= {f"{step.name}.{output}": tensor for output, tensor in told.items()}
    return {name: values[source] for name, source in spec.outputs.items()}


def _answers(step: Step, sessions: Mapping[str, Session], values: Values) -> Values:
    match step:
        case ModelStep():
            session = sessions[step.file]
            feeds = {name: values[source] for name, source in step.inputs.items()}
            return dict(
                zip(session.outputs, session.run(list(session.outputs), feeds), strict=True)
            )
        case MeanStep():
            return _blended(step, np.mean([values[each] for each in step.of], axis=0, dtype=float))
        case WeightedStep():
            tensors, weights = [values[each] for each in step.of], list(step.of.values())
            return _blended(step, np.average(tensors, axis=0, weights=weights))
        case VoteStep():
            ballots = zip(*(values[each].tolist() for each in step.of), strict=True)
            return {"label": np.array([Counter(row).most_common(1)[0][0] for row in ballots])}
        case SwitchStep():
            chosen = [_case(step, value) for value in values[step.by].reshape(-1).tolist()]
            return _picked(chosen, values)
        case CascadeStep():
            rows = len(values[f"{step.steps[0]}.{step.confidence}"])
            return _picked([_first_sure(step, values, row) for row in range(rows)], values)
        case _:
            raise NotImplementedError(step)


def _blended(step: MeanStep | WeightedStep, value: NDArray[Any]) -> Values:
    labels = [step.labels[int(np.argmax(row))] for row in value] if step.labels else []
    return {"value": value, **({"label": np.array(labels)} if labels else {})}


def _case(step: SwitchStep, value: object) -> str:
    told = str(value).lower() if isinstance(value, bool) else str(value)
    return step.cases[told] if told in step.cases else str(step.otherwise)


def _first_sure(step: CascadeStep, values: Values, row: int) -> str:
    for name in step.steps[:-1]:
        if values[f"{name}.{step.confidence}"][row].max() >= step.threshold:
            return name
    return step.steps[-1]


def _picked(chosen: list[str], values: Values) -> Values:
    """The outputs that all chosen steps have, each row from its own."""
    names = [
        {key.partition(".")[2] for key in values if key.startswith(f"{step}.")}
        for step in set(chosen)
    ]
    return {
        name: np.array([values[f"{step}.{name}"][row] for row, step in enumerate(chosen)])
        for name in set.intersection(*names)
    }
