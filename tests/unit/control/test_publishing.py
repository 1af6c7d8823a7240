"""What a publish writes into the lock, for the deploy that reads it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.extras import LOCKED as KNOWN_TO_THE_STACK
from tests.support.stores import NOW, an_artifact
from wherry.artifact import Artifact
from wherry.manifest import MANIFEST
from wherry.media.spec import ImageSpec
from wherry.pipeline.spec import PipelineSpec, TokenizeStep
from wherry.store import ModelStore
from wherry_control.locks import EXTRAS, read_lock
from wherry_control.publishing import publish

IMAGE = ImageSpec(input="features", width=2, height=2)
TEXT = PipelineSpec(
    steps=(TokenizeStep(name="words", text="text"),), outputs={"ids": "words.input_ids"}
)


def sealed(**told: Any) -> Artifact:
    plain = an_artifact()
    files = {name: data for name, data in plain.files.items() if name != MANIFEST}
    return Artifact.seal(msgspec.structs.replace(plain.manifest, **told), files)


@pytest.mark.parametrize(
    ("told", "extras"),
    [
        ({}, ()),
        ({"image": IMAGE}, ("image",)),
        ({"pipeline": TEXT}, ("text",)),
        ({"image": IMAGE, "pipeline": TEXT}, ("image", "text")),
    ],
)
def test_the_lock_says_what_the_artifact_needs(
    tmp_path: Path, told: dict[str, Any], extras: tuple[str, ...]
) -> None:
    store = ModelStore.open(str(tmp_path / "store"))

    publish(store, sealed(**told), tmp_path / "lock.json", now=NOW)

    lock = read_lock(tmp_path / "lock.json")
    assert lock is not None
    assert lock.extras == extras


def test_the_stack_knows_every_extra() -> None:
    assert KNOWN_TO_THE_STACK == EXTRAS
