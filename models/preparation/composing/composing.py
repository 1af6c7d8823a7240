"""
Making a composite: the members' proven files, wired, and proven together.

Nothing is trained or converted here. The members are taken as they are prepared now, to the byte,
and the artifact says which they were. The pipeline must answer every held-out row as the members'
own answers, put together the long way, say it must.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.preparation.agreement import PARITY, agree
from models.preparation.build import read_artifact
from models.preparation.composing.config import Compose
from models.preparation.composing.dense import dense_answers
from models.preparation.composing.held_out import Judges, judges
from models.preparation.composing.wiring import Wired, file_of, wired
from models.preparation.config import ModelConfig
from wherry.artifact import Artifact
from wherry.engine import load_engine
from wherry.errors import ArtifactError, ConfigurationError
from wherry.limits import Limits
from wherry.manifest import MODEL, Manifest, Parity
from wherry.media.spec import ImageSpec
from wherry.session import Session

MEMBERS = "members.json"
LABEL = "label"


def composed(
    config: ModelConfig, compose: Compose, build: Path
) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and the files; raise if the whole does not answer as its members say."""
    members = _members(compose, build)
    manifests = {name: member.manifest for name, member in members.items()}
    made = wired(compose, manifests)
    files = {file_of(name): member.files[MODEL] for name, member in members.items()}
    where = f"{config.path}: [compose]"
    manifest = _manifest(config, made, manifests)
    rows = judges(where, made, {name: build.with_name(name) for name in members})
    answers = _answers(where, manifest, files, rows)
    sessions = {name: Session(data, threads=1) for name, data in files.items()}
    agreement = agree(
        rows.feeds,
        dense_answers(made.spec, sessions, rows.feeds),
        answers,
        tolerance=config.prepare.closeness,
        steps=config.steps.told(),
    )
    proven = msgspec.structs.replace(
        manifest, parity=agreement.summary, metrics=_metrics(answers, rows)
    )
    return proven, {**files, PARITY: agreement.to_bytes(), MEMBERS: _told(members)}


def is_stale(compose: Compose, artifact: Artifact, build: Path) -> bool:
    """Whether the wiring, or what a member is, was changed since."""
    members = _members(compose, build)
    manifests = {name: member.manifest for name, member in members.items()}
    same = artifact.files.get(MEMBERS) == _told(members)
    return not same or wired(compose, manifests).spec != artifact.manifest.pipeline


def _members(compose: Compose, build: Path) -> dict[str, Artifact]:
    members = {}
    for name in compose.members:
        where = f"{compose.path}: [compose] model"
        if not (compose.path.parents[1] / name).is_dir():
            raise ConfigurationError(where, f"there is no model {name!r}", "Name its folder.")
        member = read_artifact(name, build.with_name(name))
        if member.manifest.pipeline is not None:
            what = f"{name!r} is a pipeline itself"
            raise ConfigurationError(where, what, "Name models of one file each.")
        members[name] = member
    return members


def _told(members: Mapping[str, Artifact]) -> bytes:
    """Which artifacts the members are."""
    digests = {name: member.digest for name, member in members.items()}
    return (json.dumps(digests, indent=2, sort_keys=True) + "\n").encode()


def _answers(
    where: str, manifest: Manifest, files: Mapping[str, bytes], rows: Judges
) -> dict[str, NDArray[Any]]:
    """What the release will answer."""
    try:
        engine = load_engine(Artifact("", manifest, files), threads=1, limits=Limits())
    except ArtifactError as error:
        raise ConfigurationError(f"{where} {error.where}", error.what, error.todo) from error
    names = list(engine.outputs)
    return dict(zip(names, engine.run(names, rows.feeds), strict=True))


def _metrics(answers: Mapping[str, NDArray[Any]], rows: Judges) -> dict[str, float]:
    if rows.truth is None or LABEL not in answers:
        return {}
    right = np.asarray(answers[LABEL].tolist()) == np.asarray(rows.truth.tolist())
    return {"accuracy": float(right.mean())}


def _manifest(config: ModelConfig, made: Wired, members: Mapping[str, Manifest]) -> Manifest:
    """As it is before anything is proven."""
    every = list(members.values())
    first = [members[model] for takers in made.takers.values() for model, _ in takers]
    learnt = "".join(each.training_data_sha256 or "" for each in every)
    return Manifest(
        model=config.model.name,
        task=config.model.task,
        estimator=", ".join(dict.fromkeys(each.estimator for each in every)),
        inputs=made.inputs,
        outputs=made.outputs,
        features=config.features or made.features,
        labels=made.labels,
        image=_image(made, first),
        imputes=bool(first) and all(each.imputes for each in first),
        optimized=all(each.optimized for each in every),
        pipeline=made.spec,
        ir_version=max(each.ir_version for each in every),
        opsets=_newest(every),
        libraries={name: told for each in every for name, told in each.libraries.items()},
        training_data_sha256=hashlib.sha256(learnt.encode()).hexdigest(),
        metrics={},
        parity=Parity(rows=0, label_agreement=0, max_absolute_error=0, tolerance=0),
        files={},
    )


def _image(made: Wired, first: list[Manifest]) -> ImageSpec | None:
    """Where all members that take what comes in take it as the same image, the whole does."""
    kinds = {each.image and msgspec.structs.replace(each.image, input="") for each in first}
    (image,) = kinds if len(kinds) == 1 else (None,)
    if image is None or len(made.inputs) != 1:
        return None
    return msgspec.structs.replace(image, input=made.inputs[0].name)


def _newest(members: list[Manifest]) -> dict[str, int]:
    opsets: dict[str, int] = {}
    for each in members:
        for domain, version in each.opsets.items():
            opsets[domain] = max(version, opsets.get(domain, 0))
    return opsets
