"""
What computes the answers of a release: one session, or a pipeline of several models.

Which of the two, the manifest says. The pipeline's code is imported only where there is one, so
that no other release pays for it in its cold start.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from wherry.artifact import Artifact
from wherry.errors import ArtifactError
from wherry.limits import Limits
from wherry.manifest import MODEL, Manifest, TensorSpec
from wherry.session import Session


class Engine(Protocol):
    """`inputs` and `outputs` map each name to its V2 datatype."""

    @property
    def inputs(self) -> Mapping[str, str]: ...

    @property
    def outputs(self) -> Mapping[str, str]: ...

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> list[NDArray[Any]]:
        """The milliseconds of each step, where there are several, are put into `times`."""


def needed_files(manifest: Manifest) -> tuple[str, ...]:
    """The files of an artifact without which it cannot answer."""
    return (MODEL,) if manifest.pipeline is None else manifest.pipeline.files


def load_engine(artifact: Artifact, *, threads: int, limits: Limits) -> Engine:
    """Raise ArtifactError if what the artifact holds cannot run."""
    manifest = artifact.manifest
    if manifest.pipeline is None:
        return Session(artifact.files[MODEL], threads=threads, optimized=manifest.optimized)
    from wherry.pipeline.executor import Pipeline

    return Pipeline(
        manifest.pipeline,
        manifest.inputs,
        artifact.files,
        load=lambda model: Session(model, threads=threads, optimized=manifest.optimized),
        elements=limits.elements,
    )


def check_promise(manifest: Manifest, engine: Engine) -> None:
    """Raise ArtifactError unless it takes and gives what the manifest says."""
    _check_names("inputs", manifest.inputs, engine.inputs)
    _check_names("outputs", manifest.outputs, engine.outputs)


def _check_names(role: str, promised: Sequence[TensorSpec], found: Mapping[str, str]) -> None:
    told = {spec.name: spec.datatype for spec in promised}
    if told.items() - found.items() or (role == "inputs" and told != found):
        raise ArtifactError(
            MODEL,
            f"its {role} are {dict(found)}, but the manifest says {told}",
            "Publish it again.",
        )
