"""Experiments in small: artifacts published to a directory, and the environment that pins them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.onnx_models import scaled
from tests.support.services import NOW
from wherry.artifact import Artifact
from wherry.errors import MissingArtifactError
from wherry.experiments.assignment import assign
from wherry.experiments.spec import BUCKETS, Arm, Experiment
from wherry.service import Service
from wherry.store import ModelStore

SALT = "5a" * 16


def experiment_of(
    arms: Sequence[tuple[str, int, str]], *, subject: str = "header:x-user-id"
) -> Experiment:
    """Arms by name, version and digest, in equal shares."""
    ends = [place * BUCKETS // len(arms) for place in range(len(arms) + 1)]
    made = tuple(
        Arm(name, version, digest, ((ends[place], ends[place + 1]),))
        for place, (name, version, digest) in enumerate(arms)
    )
    return Experiment("colours", SALT, subject, "clicked", made)


def published_arms(
    store: Path, *artifacts: Artifact, subject: str = "header:x-user-id"
) -> Mapping[str, str]:
    """
    The environment of a release of the first artifact, with an experiment of all of them.

    Without `artifacts`, models that answer the sum of a row times 2, 3 and 5. The arms are called
    `arm-1`, `arm-2`, … by their model versions.
    """
    opened = ModelStore.open(str(store))
    told = artifacts or (scaled(2), scaled(3), scaled(5))
    versions = [opened.publish(artifact, now=NOW) for artifact in told]
    arms = [(f"arm-{each.version}", each.version, each.digest) for each in versions]
    control = versions[0]
    return {
        "WHERRY_MODEL": control.model,
        "WHERRY_MODEL_VERSION": str(control.version),
        "WHERRY_DIGEST": control.digest,
        "WHERRY_STORE": str(store),
        "WHERRY_EXPERIMENT": experiment_of(arms, subject=subject).to_text(),
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
    }


def somebody_in(experiment: Experiment, arm: str) -> str:
    """A subject in that arm."""
    return next(name for name in map(str, range(1000)) if assign(experiment, name).arm.name == arm)


def missing(arm: Arm) -> Service:
    """What loads an arm whose artifact is in no store."""
    raise MissingArtifactError("the store", f"no artifact {arm.digest}")
