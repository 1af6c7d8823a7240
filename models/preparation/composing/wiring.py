"""
From the wiring that a person wrote to the one that a manifest holds, and its signature.

What the members' manifests say is filled in: inputs that are simply those of the composite, the
labels of a mean, the shapes of what goes in and comes out. Whether it can run is for the pipeline
itself to say; whether labels agree can only be judged here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from models.preparation.composing.config import Compose
from wherry.errors import ArtifactError, ConfigurationError
from wherry.manifest import Feature, Manifest, TensorSpec
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
    branches,
    output_of,
    sources,
    step_of,
)

PROBABILITIES, LABEL = "probabilities", "label"
BLENDS = (MeanStep, WeightedStep)


@dataclass(frozen=True)
class Wired:
    """`takers` are, for each input, the members that take it, with the name it has there."""

    spec: PipelineSpec
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: tuple[str, ...]
    features: tuple[Feature, ...]
    takers: Mapping[str, tuple[tuple[str, str], ...]]


def file_of(model: str) -> str:
    """What a member's ONNX file is called in the composite's artifact."""
    return f"{model}.onnx"


def wired(compose: Compose, members: Mapping[str, Manifest]) -> Wired:
    """Raise ConfigurationError where the members do not go together."""
    return _Wiring(compose, members).result()


def _check_order(path: Path, spec: PipelineSpec) -> None:
    """Before anything follows the wires, which could lead round in a circle."""
    names = {step.name for step in spec.steps}
    inputs = {
        source for step in spec.steps for source in sources(step) if step_of(source, names) is None
    }
    try:
        in_order(spec, inputs)
    except ArtifactError as error:
        raise ConfigurationError(
            f"{path}: [compose] {error.where}", error.what, error.todo
        ) from error


class _Wiring:
    def __init__(self, compose: Compose, members: Mapping[str, Manifest]) -> None:
        self._path, self._declared = compose.path, compose.inputs
        self._members = {file_of(name): manifest for name, manifest in members.items()}
        placed = tuple(self._placed(step, members) for step in compose.spec.steps)
        _check_order(compose.path, PipelineSpec(steps=placed, outputs=compose.spec.outputs))
        self._steps: dict[str, Step] = {step.name: step for step in placed}
        self._steps = {name: self._labelled(step) for name, step in self._steps.items()}
        self._spec = PipelineSpec(steps=tuple(self._steps.values()), outputs=compose.spec.outputs)

    def result(self) -> Wired:
        takers: dict[str, list[tuple[ModelStep, str]]] = {}
        for step in self._models():
            for name, source in step.inputs.items():
                if step_of(source, self._steps) is None:
                    takers.setdefault(source, []).append((step, name))
        self._check_declared(takers)
        outputs = [
            msgspec.structs.replace(self._told(source), name=name)
            for name, source in self._spec.outputs.items()
        ]
        first = next((step for steps in takers.values() for step, _ in steps), None)
        return Wired(
            spec=self._spec,
            inputs=(*(self._input(*each) for each in takers.items()), *self._declared),
            outputs=tuple(outputs),
            labels=self._labels(self._spec.outputs.get(PROBABILITIES, "")),
            features=self._members[first.file].features if first else (),
            takers={
                source: tuple((step.file.removesuffix(".onnx"), name) for step, name in steps)
                for source, steps in takers.items()
            },
        )

    def _check_declared(self, takers: Mapping[str, object]) -> None:
        wanted = {source for step in self._steps.values() for source in sources(step)}
        for each in self._declared:
            if each.name in takers or each.name not in wanted:
                what = "a model takes it" if each.name in takers else "no step takes it"
                raise ConfigurationError(
                    f"{self._path}: [compose.inputs] {each.name}", what, "Leave it out."
                )

    def _models(self) -> Iterator[ModelStep]:
        return (step for step in self._steps.values() if isinstance(step, ModelStep))

    def _placed(self, step: Step, members: Mapping[str, Manifest]) -> Step:
        if not isinstance(step, ModelStep):
            return step
        inputs = {each.name: each.name for each in members[step.file].inputs}
        for name in step.inputs:
            if name not in inputs:
                self._refuse(step, f"{step.file} has no input {name!r}", inputs)
        return msgspec.structs.replace(
            step, file=file_of(step.file), inputs={**inputs, **step.inputs}
        )

    def _labelled(self, step: Step) -> Step:
        """A mean of probabilities says which label is the most probable."""
        if not isinstance(step, BLENDS) or step.labels:
            return step
        kinds = {labels for each in step.of if (labels := self._labels(each))}
        if len(kinds) > 1:
            self._refuse(step, f"the labels of its members differ: {sorted(kinds)}", ())
        if not kinds:
            return step
        labels = kinds.pop()
        whole = all(self._whole(each) for each in step.of)
        return msgspec.structs.replace(step, labels=tuple(map(int, labels)) if whole else labels)

    def _whole(self, source: str) -> bool:
        """Whether the member's labels are whole numbers."""
        step = self._steps[source.partition(".")[0]]
        if isinstance(step, BLENDS):
            return all(map(self._whole, step.of))
        return isinstance(step, ModelStep) and any(
            each.name == LABEL and each.datatype == "INT64"
            for each in self._members[step.file].outputs
        )

    def _labels(self, source: str) -> tuple[str, ...]:
        """What the columns of `source` stand for."""
        match self._steps.get(source.partition(".")[0]):
            case ModelStep(file=file) if output_of(source) == PROBABILITIES:
                return self._members[file].labels
            case (MeanStep() | WeightedStep()) as step:
                return tuple(map(str, getattr(self._labelled(step), "labels", ())))
            case (SwitchStep() | CascadeStep()) as step:
                found = {self._labels(f"{each}.{output_of(source)}") for each in branches(step)}
                if len(found) > 1:
                    self._refuse(step, f"the labels of its steps differ: {sorted(found)}", ())
                return found.pop()
            case _:
                return ()

    def _told(self, source: str) -> TensorSpec:
        """The datatype and shape of what `source` gives."""
        name, output = source.partition(".")[0], output_of(source)
        match self._steps.get(name):
            case ModelStep(file=file) as step:
                for each in self._members[file].outputs:
                    if each.name == output:
                        return each
                names = [each.name for each in self._members[file].outputs]
                return self._refuse(step, f"it gives no {output!r}", names)
            case MeanStep(labels=labels) | WeightedStep(labels=labels) if output == LABEL:
                text = bool(labels) and isinstance(labels[0], str)
                return TensorSpec(LABEL, "BYTES" if text else "INT64", (-1,))
            case MeanStep(of=of) | WeightedStep(of=of) | VoteStep(of=of):
                return self._told(next(iter(of)))
            case (SwitchStep() | CascadeStep()) as step:
                return self._told(f"{branches(step)[0]}.{output}")
            case _:
                given = {each.name: each for each in self._declared}
                if source in given:
                    return given[source]
                raise ConfigurationError(
                    f"{self._path}: [compose]",
                    f"nothing gives {source!r}",
                    f"Name STEP.OUTPUT of {', '.join(self._steps)}.",
                )

    def _input(self, source: str, takers: list[tuple[ModelStep, str]]) -> TensorSpec:
        kinds = {
            msgspec.structs.replace(each, name=source)
            for step, name in takers
            for each in self._members[step.file].inputs
            if each.name == name
        }
        if len(kinds) > 1:
            step = takers[-1][0]
            told = sorted(f"{each.datatype} {list(each.shape)}" for each in kinds)
            self._refuse(step, f"the members want {source!r} differently: {', '.join(told)}", ())
        return kinds.pop()

    def _refuse(self, step: Step, what: str, allowed: object) -> "TensorSpec":
        names = ", ".join(allowed) if isinstance(allowed, list | dict) else ""
        raise ConfigurationError(
            f"{self._path}: [compose] step {step.name!r}",
            what,
            f"There are: {names}." if names else "Choose models that go together.",
        )
