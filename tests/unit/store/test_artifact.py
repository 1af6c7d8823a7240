"""An artifact holds only bytes that its digest pins."""

import pytest

from tests.support.stores import altered, an_artifact
from wherry.artifact import Artifact
from wherry.errors import IntegrityError
from wherry.manifest import GOLDEN, MANIFEST, MODEL, digest_of


def test_the_digest_is_that_of_the_stored_manifest() -> None:
    artifact = an_artifact()

    assert artifact.digest == digest_of(artifact.files[MANIFEST])
    assert set(artifact.manifest.files) == {MODEL, GOLDEN}
    assert artifact.is_complete


def test_sealing_the_same_files_twice_gives_the_same_digest() -> None:
    assert an_artifact() == an_artifact()
    assert an_artifact().digest != an_artifact(marker="two").digest


def test_an_artifact_with_some_of_its_files_is_verified_and_not_complete() -> None:
    whole = an_artifact()

    part = Artifact.verified(whole.digest, {MANIFEST: whole.files[MANIFEST]})

    assert part.manifest == whole.manifest
    assert not part.is_complete


@pytest.mark.parametrize("name", [MANIFEST, MODEL, GOLDEN])
def test_one_altered_bit_in_any_file_is_refused(name: str) -> None:
    artifact = an_artifact()

    with pytest.raises(IntegrityError, match=name):
        Artifact.verified(artifact.digest, {**artifact.files, name: altered(artifact.files[name])})


def test_a_sound_manifest_of_another_artifact_is_refused() -> None:
    one, two = an_artifact(), an_artifact(marker="two")

    with pytest.raises(IntegrityError, match=f"of {one.digest}: its digest is {two.digest}"):
        Artifact.verified(one.digest, two.files)


def test_a_file_that_is_not_listed_is_refused() -> None:
    artifact = an_artifact()

    with pytest.raises(IntegrityError, match="lists no such file"):
        Artifact.verified(artifact.digest, {**artifact.files, "more.bin": b""})


def test_files_without_a_manifest_are_no_artifact() -> None:
    with pytest.raises(IntegrityError, match="has no manifest"):
        Artifact.verified(an_artifact().digest, {MODEL: b""})


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", MANIFEST, "Manifest.JSON", "a\n"])
def test_only_plain_names_of_files_can_be_sealed(name: str) -> None:
    with pytest.raises(IntegrityError, match="no name for a file"):
        Artifact.seal(an_artifact().manifest, {name: b""})
