"""
Runs a pipeline with the face of a single session: `inputs`, `outputs` and `run`.

A call asks for outputs, and only what they need is computed, each step once. A switch or a cascade
asks a step for some of the rows; it then runs on these rows alone, and nothing runs on no rows.
Steps run one after another: a function has about one CPU, and a session has its own threads.

Why not one merged ONNX graph? Rows that take different ways, and text, cannot be merged. What can
would save microseconds a step, and lose the time of each step and the very bytes that were proven.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from wherry.errors import ArtifactError
from wherry.manifest import TensorSpec
from wherry.pipeline.leaves import BlendLeaf, Leaf, ModelLeaf, VoteLeaf
from wherry.pipeline.order import in_order, taken, where
from wherry.pipeline.routes import CascadeRoute, Route, SwitchRoute
from wherry.pipeline.run import Call, Node
from wherry.pipeline.spec import (
    CascadeStep,
    MeanStep,
    ModelStep,
    PipelineSpec,
    Step,
    SwitchStep,
    TokenizeStep,
    VoteStep,
    WeightedStep,
    branches,
    output_of,
    sources,
    step_of,
)
from wherry.protocol.signature import VARIABLE
from wherry.session import Session


class Pipeline:
    """
    Several models, loaded; see the module docstring.

    `load` makes a session of a file's bytes. `elements` bounds what a text may become.
    """

    def __init__(
        self,
        spec: PipelineSpec,
        inputs: Sequence[TensorSpec],
        files: Mapping[str, bytes],
        *,
        load: Callable[[bytes], Session],
        elements: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._spec, self._files, self._load, self._elements = spec, files, load, elements
        self._given = {each.name: each.datatype for each in inputs}
        self._batched = frozenset(each.name for each in inputs if each.shape[:1] == (VARIABLE,))
        self._clock = clock
        self._nodes: dict[str, Node] = {}
        ordered = in_order(spec, self._given)
        outputs = taken(spec, ordered)
        for step in ordered:
            self._nodes[step.name] = Node(self._work(step, outputs[step.name]), sources(step))
            self._check_gives(step, outputs[step.name])
        used = {source for step in ordered for source in sources(step)}
        self.inputs = {name: kind for name, kind in self._given.items() if name in used}
        self.outputs = {name: self._datatype(source) for name, source in spec.outputs.items()}

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> list[NDArray[Any]]:
        """Like a session; the milliseconds of each step that ran are put into `times`."""
        told = {} if times is None else times
        call = Call(self._nodes, feeds, self._batched, self._clock, told)
        return [call.tensor(self._spec.outputs[name]) for name in outputs]

    def _work(self, step: Step, outputs: Sequence[str]) -> Leaf | Route:
        datatypes = [self._datatype(source) for source in sources(step)]
        match step:
            case ModelStep():
                return ModelLeaf(step, self._session(step.file), outputs, datatypes)
            case MeanStep() | WeightedStep():
                return BlendLeaf(step, datatypes)
            case VoteStep():
                return VoteLeaf(step, datatypes)
            case TokenizeStep():
                from wherry.pipeline.text import TokenizeLeaf

                return TokenizeLeaf(step, self._file(step.file), datatypes, self._elements)
        given = {name: self._nodes[name].work.outputs for name in branches(step)}
        if not self._batched:
            raise ArtifactError(where(step.name), "no input has rows to choose between")
        match step:
            case SwitchStep():
                return SwitchRoute(step, datatypes[0], given, outputs)
            case CascadeStep():
                return CascadeRoute(step, given, outputs)

    def _datatype(self, source: str) -> str:
        name = step_of(source, self._nodes)
        if name is None:
            return self._given[source]
        return self._nodes[name].work.outputs[output_of(source)]

    def _session(self, file: str) -> Session:
        try:
            return self._load(self._file(file))
        except ArtifactError as error:
            raise ArtifactError(file, error.what, error.todo) from error

    def _file(self, name: str) -> bytes:
        if name not in self._files:
            raise ArtifactError(name, "the pipeline needs it, and it is not in the artifact")
        return self._files[name]

    def _check_gives(self, step: Step, outputs: Sequence[str]) -> None:
        gives = self._nodes[step.name].work.outputs
        for output in outputs:
            if output not in gives:
                raise ArtifactError(
                    where(step.name), f"it gives no {output!r}", f"It gives {', '.join(gives)}."
                )
