"""
One model, loaded and proven, that answers: the core that every front shares.

The library, the golden replay, `wherry serve` and the Lambda function all call this, so they answer
alike. It knows no HTTP, no event and no environment variable. It makes no AWS call once it is made.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from time import perf_counter_ns
from typing import Any, NamedTuple

import msgspec
from numpy.typing import ArrayLike, NDArray

from wherry.artifact import Artifact
from wherry.engine import Engine, check_promise, load_engine, needed_files
from wherry.errors import ConfigurationError, ModelError, RequestError, TooLargeError
from wherry.limits import Limits
from wherry.manifest import TensorSpec
from wherry.protocol.array_tensors import cast, numbers
from wherry.protocol.request import InferenceRequest, RequestDecoder
from wherry.protocol.response import ResponseEncoder
from wherry.protocol.signature import (
    VARIABLE,
    by_name,
    check_inputs_named,
    check_known,
    check_rows_agree,
    check_shape,
    quoted,
)
from wherry.protocol.statistics import Stages, Statistics
from wherry.release import Release
from wherry.settings import Settings
from wherry.sketch.sketcher import Sketcher
from wherry.store import ModelStore
from wherry.warm_up import example_inputs

Tensors = Mapping[str, NDArray[Any]]
Steps = Mapping[str, float]  # milliseconds


class Answer(msgspec.Struct, frozen=True):
    """
    A V2 response, and how many rows it answers.

    `header_length` is how much of `body` is JSON, where binary tensors follow it; None if all is.
    `steps` is the milliseconds of each step of a pipeline; `media_type` is that of the JSON, or of
    a plain answer. `seen` is the inputs and outputs themselves, for a sketch or a shadow.
    """

    body: bytes
    rows: int
    header_length: int | None = None
    steps: Mapping[str, float] = msgspec.field(default_factory=dict)
    media_type: str = "application/json"
    seen: tuple[Tensors, Tensors] | None = None


class Asked(NamedTuple):
    """A request that is read and checked; `tell` answers it, given what the model made of it."""

    outputs: Sequence[str]
    inputs: Tensors
    tell: Callable[[Tensors, Steps], Answer]


class Service:
    """Made whole or not at all: a model that fails on its own example is refused here."""

    def __init__(
        self,
        artifact: Artifact,
        release: Release,
        *,
        threads: int = 1,
        limits: Limits | None = None,
        sketch: bool = False,
    ) -> None:
        self.manifest = artifact.manifest
        self.release = release
        self.limits = limits or Limits()
        self._most_bytes = max(self.limits.body_bytes, self.limits.decompressed_bytes)
        self.statistics = Statistics()
        self._inputs, self._outputs = by_name(self.manifest.inputs), by_name(self.manifest.outputs)
        self._decoder = RequestDecoder(self.manifest, self.limits)
        self._encoder = ResponseEncoder(release, self._outputs, self.limits.answer_bytes)
        if self.manifest.image is not None:
            from wherry.media.images import image_reader

            image_reader(self.manifest)  # what is missing to decode them is told now
        self._engine = load_engine(artifact, threads=threads, limits=self.limits)
        check_promise(self.manifest, self._engine)
        self.run(tuple(self._outputs), example_inputs(self.manifest))
        self.sketcher = Sketcher(self.manifest) if sketch else None  # for who keeps evidence

    def predict(
        self,
        inputs: Mapping[str, ArrayLike],
        outputs: Sequence[str] = (),
        *,
        steps: dict[str, float] | None = None,
    ) -> dict[str, NDArray[Any]]:
        """
        Answer arrays or nested lists; all outputs, or the named ones in their order.

        The milliseconds of each step of a pipeline are put into `steps`.
        """
        for name in outputs:
            check_known("output", name, self._outputs)
        names = tuple(outputs or self._outputs)
        return self.numbers(self.run(names, self.tensors(inputs), steps))

    def tensors(self, inputs: Mapping[str, ArrayLike]) -> Tensors:
        """What the model takes, of what a Python caller has; raise RequestError if it cannot be."""
        check_inputs_named(inputs.keys(), self._inputs)
        tensors = {name: _as_tensor(inputs[name], spec) for name, spec in self._inputs.items()}
        check_rows_agree(self._inputs, tensors)
        return tensors

    def numbers(self, outputs: Tensors) -> dict[str, NDArray[Any]]:
        """What a Python caller sees, of what the model gave."""
        return {name: numbers(told, self._outputs[name].datatype) for name, told in outputs.items()}

    @cached_property
    def rows_are_independent(self) -> bool:
        """Whether requests may be computed together, as if they were one of as many rows."""
        from wherry.independence import rows_are_independent

        return rows_are_independent(self._engine, self.manifest)

    def compute_by(self, wrap: Callable[[Engine], Engine]) -> None:
        """Let what `wrap` makes of this service's engine compute from now on."""
        self._engine = wrap(self._engine)

    def infer(self, body: bytes, *, header_length: int | None = None) -> Answer:
        """
        Answer a V2 request with a V2 response.

        `header_length` is what `Inference-Header-Content-Length` said: how much of `body` is JSON,
        where binary tensors follow it. None: all of it is.
        """
        started = perf_counter_ns()
        try:
            return self._infer(body, header_length, started)
        except Exception as error:
            self.statistics.fail(perf_counter_ns() - started)
            if isinstance(error, TooLargeError):
                raise self.advised(error) from None
            raise

    @cached_property
    def advice(self) -> str:
        """What to do about a request or an answer over a limit: how many rows of this model fit."""
        from wherry.protocol.capacity import advice

        return advice(self.manifest, self.limits)

    def advised(self, error: TooLargeError) -> TooLargeError:
        """The error with the advice, unless it says already what to do."""
        return error if error.todo else TooLargeError(error.where, error.what, self.advice)

    def check_body(self, size: int) -> None:
        """Raise TooLargeError if a request of so many bytes, as it came, is over the limit."""
        if size > self.limits.body_bytes:
            what = f"it is over {self.limits.body_bytes} bytes"
            raise TooLargeError("the request", what, self.advice)

    def asked(self, body: bytes, *, header_length: int | None = None) -> Asked:
        """A V2 request that is not computed yet, for who computes several together."""
        request = self._read(body, header_length)
        return Asked(tuple(request.outputs), request.inputs, partial(self._told, request))

    def _infer(self, body: bytes, header_length: int | None, started: int) -> Answer:
        steps: dict[str, float] = {}
        request = self._read(body, header_length)
        decoded = perf_counter_ns()
        outputs = self.run(tuple(request.outputs), request.inputs, steps)
        computed = perf_counter_ns()
        answer = self._told(request, outputs, steps)
        spent = decoded - started, computed - decoded, perf_counter_ns() - computed
        self.statistics.succeed(Stages(1, answer.rows, *spent))
        return answer

    def _read(self, body: bytes, header_length: int | None) -> InferenceRequest:
        if len(body) > self._most_bytes:
            raise TooLargeError("the request", f"it is over {self._most_bytes} bytes")
        return self._decoder.decode(body, header_length)

    def _told(self, request: InferenceRequest, outputs: Tensors, steps: Steps) -> Answer:
        answer, length = self._encoder.encode(request, outputs, steps)
        return Answer(answer, _rows(request.inputs), length, steps, seen=(request.inputs, outputs))

    def run(
        self, names: Sequence[str], tensors: Tensors, steps: dict[str, float] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute what was read and checked before, by `asked` or `tensors`."""
        try:
            return dict(zip(names, self._engine.run(names, tensors, steps), strict=True))
        except ModelError:
            if any(tensor.size == 0 for tensor in tensors.values()):
                what = "the model cannot compute a batch of no rows"
                raise RequestError("inputs", what) from None
            if any(VARIABLE in spec.shape[1:] for spec in self._inputs.values()):
                what = "the model cannot compute tensors of these sizes together"
                raise RequestError("inputs", what) from None
            raise


def load_service(settings: Settings, *, limits: Limits | None = None) -> Service:
    """Fetch the one artifact that the settings pin, verify it, and make its service."""
    store = ModelStore.open(settings.store)
    artifact = store.load(settings.digest, names=needed_files)
    if artifact.manifest.model != settings.model:
        raise ConfigurationError(
            "WHERRY_DIGEST",
            f"{settings.digest} is model {artifact.manifest.model!r}, not {settings.model!r}",
            "Set the digest from the model's own lock file.",
        )
    if settings.public_keys:
        _check_signed(store, artifact, settings)
    release = Release(settings.model, settings.model_version, settings.release, settings.digest)
    most = limits or settings.limits
    return Service(artifact, release, threads=settings.threads, limits=most, sketch=settings.sketch)


def _check_signed(store: ModelStore, artifact: Artifact, settings: Settings) -> None:
    """Before anything of the model is loaded."""
    try:
        from wherry.signature_check import check_signed
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "WHERRY_PUBLIC_KEY",
            f"a key is pinned, and this function has no {error.name} to check signatures with",
            'Pin it by `public_key` under [deploy] of model.toml, which brings the extra "signed".',
        ) from error
    check_signed(store, artifact, settings.model_version, settings.public_keys)


def _as_tensor(value: ArrayLike, spec: TensorSpec) -> NDArray[Any]:
    tensor = cast(f"input {quoted(spec.name)}", value, spec.datatype)
    check_shape(spec, tensor.shape)
    return tensor


def _rows(tensors: Mapping[str, NDArray[Any]]) -> int:
    first = next(iter(tensors.values()))
    return first.shape[0] if first.ndim else 1
