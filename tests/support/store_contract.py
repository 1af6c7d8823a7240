"""
What every model store must do, as tests that take the storage as a fixture.

A test module subclasses `StoreContract` with an `objects` fixture. Memory and directories do so
among the fast tests, S3 on the local AWS among the others.
"""

import msgspec
import pytest

from tests.support.publishing_contract import PublishingContract
from tests.support.stores import NOW, altered, an_artifact, plant
from wherry.artifact import Artifact
from wherry.errors import IntegrityError, MissingArtifactError, UsageError
from wherry.manifest import GOLDEN, MANIFEST, MODEL
from wherry.store import ModelStore
from wherry.store.objects import Objects


class StoreContract(PublishingContract):
    def test_what_is_published_is_what_loads(self, store: ModelStore) -> None:
        artifact = an_artifact()

        version = store.publish(artifact, now=NOW)

        assert (version.model, version.version, version.published_at) == ("iris", 1, NOW)
        assert store.load(version.digest) == artifact

    def test_only_the_named_files_are_fetched(self, store: ModelStore) -> None:
        digest = store.publish(an_artifact(), now=NOW).digest

        assert set(store.load(digest, [MODEL]).files) == {MANIFEST, MODEL}
        assert set(store.load(digest, []).files) == {MANIFEST}
        with pytest.raises(MissingArtifactError, match="holds no file 'other'"):
            store.load(digest, ["other"])

    def test_versions_count_from_one_for_each_model(self, store: ModelStore) -> None:
        one, two = an_artifact(marker="one"), an_artifact(marker="two")
        digits = an_artifact(model="digits")

        told = [store.publish(artifact, now=NOW) for artifact in (one, two, digits)]

        assert store.versions("iris") == told[:2]
        assert [(each.model, each.version) for each in told] == [
            ("iris", 1), ("iris", 2), ("digits", 1),
        ]  # fmt: skip
        assert store.models() == ["digits", "iris"]

    def test_an_empty_store_has_no_models_and_no_versions(self, store: ModelStore) -> None:
        assert store.models() == []
        assert store.versions("iris") == []

    def test_the_same_artifact_keeps_the_number_and_time_of_its_first_publication(
        self, store: ModelStore
    ) -> None:
        first = store.publish(an_artifact(), now=NOW)
        store.publish(an_artifact(marker="two"), now=NOW)

        assert store.publish(an_artifact(), now=NOW.replace(year=2027)) == first
        assert len(store.versions("iris")) == 2

    def test_an_unknown_digest_is_a_missing_artifact(self, store: ModelStore) -> None:
        with pytest.raises(MissingArtifactError, match="Publish it to this store"):
            store.load("sha256:" + "0" * 64)

    @pytest.mark.parametrize(
        "digest", ["", "sha256:", "latest", "sha256:" + "0" * 63, "sha256:../../../../x", "../" * 9]
    )
    def test_what_is_no_digest_never_reaches_the_storage(
        self, store: ModelStore, digest: str
    ) -> None:
        with pytest.raises(UsageError, match="no digest"):
            store.load(digest)

    @pytest.mark.parametrize("model", ["", "Iris", "../iris", "a/b", "1iris", "a" * 41, "iris\n"])
    def test_what_is_no_model_name_is_refused(self, store: ModelStore, model: str) -> None:
        with pytest.raises(UsageError, match="no name for a model"):
            store.versions(model)
        with pytest.raises(UsageError, match="no name for a model"):
            store.publish(an_artifact(model=model), now=NOW)

    @pytest.mark.parametrize("name", [MANIFEST, MODEL, GOLDEN])
    def test_one_altered_bit_in_any_file_is_never_loaded(
        self, objects: Objects, store: ModelStore, name: str
    ) -> None:
        artifact = an_artifact()
        plant(objects, artifact.digest, {**artifact.files, name: altered(artifact.files[name])})

        with pytest.raises(IntegrityError, match=name):
            store.load(artifact.digest)

    def test_another_whole_artifact_under_its_digest_is_never_loaded(
        self, objects: Objects, store: ModelStore
    ) -> None:
        plant(objects, an_artifact().digest, an_artifact(marker="two").files)

        with pytest.raises(
            IntegrityError, match=f"its digest is {an_artifact(marker='two').digest}"
        ):
            store.load(an_artifact().digest)

    @pytest.mark.parametrize("name", [MANIFEST, MODEL, GOLDEN])
    def test_publishing_over_other_bytes_is_refused_and_gives_no_version(
        self, objects: Objects, store: ModelStore, name: str
    ) -> None:
        artifact = an_artifact()
        plant(objects, artifact.digest, {name: altered(artifact.files[name])})

        with pytest.raises(IntegrityError, match="other bytes are stored"):
            store.publish(artifact, now=NOW)
        assert store.versions("iris") == []

    def test_a_file_longer_than_the_manifest_says_is_refused(
        self, objects: Objects, store: ModelStore
    ) -> None:
        artifact = an_artifact()
        plant(objects, artifact.digest, {**artifact.files, MODEL: b"x" * 10_000})

        with pytest.raises(IntegrityError, match="10000 bytes are stored where 300 are the most"):
            store.load(artifact.digest)

    def test_a_huge_manifest_is_refused(self, objects: Objects, store: ModelStore) -> None:
        plant(objects, "sha256:" + "0" * 64, {MANIFEST: b" " * (1 << 20) + b" "})

        with pytest.raises(IntegrityError, match="1048576 are the most"):
            store.load("sha256:" + "0" * 64)

    def test_a_manifest_that_nobody_could_load_is_not_published(self, store: ModelStore) -> None:
        """It is told to who publishes, and not to the function that starts."""
        plain = an_artifact()
        manifest = msgspec.structs.replace(plain.manifest, estimator="x" * (1 << 20))
        huge = Artifact.seal(manifest, {MODEL: plain.files[MODEL]})

        with pytest.raises(IntegrityError, match="1048576 are the most"):
            store.publish(huge, now=NOW)
        assert store.versions("iris") == []

    def test_a_file_gone_from_the_store_is_missed_until_it_is_published_again(
        self, objects: Objects, store: ModelStore
    ) -> None:
        artifact = an_artifact()
        plant(objects, artifact.digest, {MANIFEST: artifact.files[MANIFEST]})

        with pytest.raises(MissingArtifactError, match="it is gone"):
            store.load(artifact.digest)
        store.publish(artifact, now=NOW)
        assert store.load(artifact.digest) == artifact

    @pytest.mark.parametrize(
        "record", [b"", b"{}", b"[1]", b'{"model":"iris"}', b"x" * 5000, b'{"published_at":3}']
    )
    def test_a_broken_record_is_told_and_not_skipped(
        self, objects: Objects, store: ModelStore, record: bytes
    ) -> None:
        objects.create("models/iris/versions/00000001.json", record)

        with pytest.raises(IntegrityError, match="00000001"):
            store.versions("iris")

    def test_a_record_copied_to_another_number_is_told(
        self, objects: Objects, store: ModelStore
    ) -> None:
        store.publish(an_artifact(), now=NOW)
        record = objects.read("models/iris/versions/00000001.json", 1000)
        assert record is not None
        objects.create("models/iris/versions/00000002.json", record)

        with pytest.raises(IntegrityError, match="not of this version"):
            store.versions("iris")

    def test_a_number_that_is_gone_is_not_given_again(
        self, objects: Objects, store: ModelStore
    ) -> None:
        record = b'{"digest":"sha256:%s","model":"iris","published_at":"2026-01-01T00:00:00+00:00"'
        objects.create(
            "models/iris/versions/00000003.json", record % (b"0" * 64) + b',"version":3}'
        )

        assert store.publish(an_artifact(), now=NOW).version == 4
