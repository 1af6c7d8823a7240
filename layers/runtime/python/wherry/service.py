"""
One model, loaded and proven, that answers: the core that every front shares.

The library, the golden replay, `wherry serve` and the Lambda function all call this, so they answer
alike. It knows no HTTP, no event and no environment variable. It makes no AWS call once it is made.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from time import perf_counter_ns
from typing import Any

import msgspec
from numpy.typing import ArrayLike, NDArray

from wherry.artifact import Artifact
from wherry.engine import Engine, load_engine, needed_files
from wherry.errors import (
    ArtifactError,
    ConfigurationError,
    ModelError,
    RequestError,
    TooLargeError,
)
from wherry.limits import Limits
from wherry.manifest import MODEL, Manifest, TensorSpec
from wherry.protocol.array_tensors import cast, numbers
from wherry.protocol.request import RequestDecoder
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
        self._inputs = by_name(self.manifest.inputs)
        self._outputs = by_name(self.manifest.outputs)
        self._decoder = RequestDecoder(self.manifest, self.limits)
        self._encoder = ResponseEncoder(release, self._outputs, self.limits.answer_bytes)
        if self.manifest.image is not None:
            _check_images(self.manifest)
        self._engine = load_engine(artifact, threads=threads, limits=self.limits)
        _check_promise("inputs", self._inputs, self._engine.inputs)
        _check_promise("outputs", self._outputs, self._engine.outputs)
        self._run(tuple(self._outputs), example_inputs(self.manifest))
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
        check_inputs_named(inputs.keys(), self._inputs)
        for name in outputs:
            check_known("output", name, self._outputs)
        tensors = {name: _as_tensor(inputs[name], spec) for name, spec in self._inputs.items()}
        check_rows_agree(self._inputs, tensors)
        answers = self._run(tuple(outputs) or tuple(self._outputs), tensors, steps)
        return {name: numbers(told, self._outputs[name].datatype) for name, told in answers.items()}

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
            raise TooLargeError(
                "the request", f"it is over {self.limits.body_bytes} bytes", self.advice
            )

    def _infer(self, body: bytes, header_length: int | None, started: int) -> Answer:
        if len(body) > self._most_bytes:
            raise TooLargeError("the request", f"it is over {self._most_bytes} bytes")
        steps: dict[str, float] = {}
        request = self._decoder.decode(body, header_length)
        decoded = perf_counter_ns()
        outputs = self._run(tuple(request.outputs), request.inputs, steps)
        computed = perf_counter_ns()
        answer, length = self._encoder.encode(request, outputs, steps)
        rows = _rows(request.inputs)
        done = perf_counter_ns()
        self.statistics.succeed(
            Stages(1, rows, decoded - started, computed - decoded, done - computed)
        )
        return Answer(answer, rows, length, steps, seen=(request.inputs, outputs))

    def _run(
        self,
        names: Sequence[str],
        tensors: Mapping[str, NDArray[Any]],
        steps: dict[str, float] | None = None,
    ) -> dict[str, NDArray[Any]]:
        try:
            return dict(zip(names, self._engine.run(names, tensors, steps), strict=True))
        except ModelError:
            if any(tensor.size == 0 for tensor in tensors.values()):
                raise RequestError(
                    "inputs", "the model cannot compute a batch of no rows"
                ) from None
            if any(VARIABLE in spec.shape[1:] for spec in self._inputs.values()):
                raise RequestError(
                    "inputs", "the model cannot compute tensors of these sizes together"
                ) from None
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


def _check_images(manifest: Manifest) -> None:
    """What is missing to decode them is told now, and not to the first who sends one."""
    from wherry.media.images import image_reader

    image_reader(manifest)


def _check_promise(role: str, promised: Mapping[str, TensorSpec], found: Mapping[str, str]) -> None:
    told = {name: spec.datatype for name, spec in promised.items()}
    if told.items() - found.items() or (role == "inputs" and told != found):
        raise ArtifactError(
            MODEL,
            f"its {role} are {dict(found)}, but the manifest says {told}",
            "Publish it again.",
        )


def _as_tensor(value: ArrayLike, spec: TensorSpec) -> NDArray[Any]:
    tensor = cast(f"input {quoted(spec.name)}", value, spec.datatype)
    check_shape(spec, tensor.shape)
    return tensor


def _rows(tensors: Mapping[str, NDArray[Any]]) -> int:
    first = next(iter(tensors.values()))
    return first.shape[0] if first.ndim else 1
