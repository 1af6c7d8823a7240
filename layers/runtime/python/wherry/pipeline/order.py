"""
In which order the steps of a pipeline can run, and which of their outputs anybody takes.

It refuses what the wiring alone shows to be wrong, with the step and what is wrong with it; so a
pipeline is judged alike when it is prepared and when it is loaded.
"""

from collections.abc import Collection, Mapping

from wherry.errors import ArtifactError
from wherry.pipeline.spec import (
    CascadeStep,
    PipelineSpec,
    Step,
    branches,
    output_of,
    sources,
    step_of,
)


def where(name: str) -> str:
    """How messages name a step."""
    return f"pipeline step {name!r}"


def in_order(spec: PipelineSpec, inputs: Collection[str]) -> tuple[Step, ...]:
    """Each step after those that it needs; `inputs` are the pipeline's own tensors."""
    steps: dict[str, Step] = {}
    for step in spec.steps:
        if step.name in steps:
            raise ArtifactError(where(step.name), "two steps have this name", "Rename one.")
        steps[step.name] = step
    _check_known(spec, steps, inputs)
    ordered: dict[str, Step] = {}
    for name in steps:
        _place(name, steps, ordered, ())
    placed = tuple(ordered.values())
    for name, outputs in taken(spec, placed).items():
        if not outputs:
            raise ArtifactError(
                where(name), "nothing takes what it gives", "Wire it to an output, or remove it."
            )
    return placed


def taken(spec: PipelineSpec, ordered: tuple[Step, ...]) -> dict[str, tuple[str, ...]]:
    """Of each step, the outputs that the pipeline's outputs come to need; none: it is idle."""
    steps = {step.name: step for step in ordered}
    found: dict[str, dict[str, None]] = {name: {} for name in steps}
    _take(spec.outputs.values(), steps, found)
    for step in reversed(ordered):
        if not found[step.name]:
            continue
        _take(sources(step), steps, found)
        for branch in branches(step):
            found[branch] |= found[step.name]
            if isinstance(step, CascadeStep):
                found[branch][step.confidence] = None
    return {name: tuple(outputs) for name, outputs in found.items()}


def _take(
    names: Collection[str], steps: Mapping[str, Step], found: dict[str, dict[str, None]]
) -> None:
    for source in names:
        if (step := step_of(source, steps)) is not None:
            found[step][output_of(source)] = None


def _check_known(spec: PipelineSpec, steps: Mapping[str, Step], inputs: Collection[str]) -> None:
    wanted = [(where(step.name), source) for step in spec.steps for source in sources(step)]
    wanted += [(f"pipeline output {name!r}", source) for name, source in spec.outputs.items()]
    for place, source in wanted:
        if step_of(source, steps) is None and source not in inputs:
            raise ArtifactError(
                place,
                f"nothing gives {source!r}",
                f"Name an input ({', '.join(inputs)}), or STEP.OUTPUT of {', '.join(steps)}.",
            )
    for step in spec.steps:
        for branch in branches(step):
            if branch not in steps:
                raise ArtifactError(
                    where(step.name), f"there is no step {branch!r}", f"Steps: {', '.join(steps)}."
                )


def _place(
    name: str, steps: Mapping[str, Step], ordered: dict[str, Step], waiting: tuple[str, ...]
) -> None:
    if name in ordered:
        return
    if name in waiting:
        circle = " for ".join([*waiting[waiting.index(name) :], name])
        raise ArtifactError(where(name), f"it waits for itself ({circle})", "Wire it otherwise.")
    step = steps[name]
    needed = [step_of(source, steps) for source in sources(step)]
    for each in [*filter(None, needed), *branches(step)]:
        _place(each, steps, ordered, (*waiting, name))
    ordered[name] = step
