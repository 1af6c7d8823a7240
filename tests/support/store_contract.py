"""
What every model store must do, as tests that take the storage as a fixture.

A test module subclasses `StoreContract` with an `objects` fixture, and `SharedStoreContract` with a
`shared` one (a URL that other processes can open, and the environment to open it in); the fast
tests do so for memory and directories, the end-to-end tests for S3 on the local AWS.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from tests.support.signing import a_key
from tests.support.stores import (
    NOW,
    RacedObjects,
    Shared,
    Stopped,
    StoppingObjects,
    altered,
    an_artifact,
    plant,
)
from wherry.errors import IntegrityError, MissingArtifactError, UsageError
from wherry.manifest import GOLDEN, MANIFEST, MODEL
from wherry.signature_check import check_signed
from wherry.store import ModelStore
from wherry.store.objects import Objects
from wherry_control.locks import ModelLock, read_lock
from wherry_control.publishing import publish


class StoreContract:
    @pytest.fixture
    def objects(self) -> Objects:
        raise NotImplementedError

    @pytest.fixture
    def store(self, objects: Objects) -> ModelStore:
        return ModelStore(objects, "the store under test")

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

    def test_many_publishers_at_once_get_a_number_each(self, store: ModelStore) -> None:
        artifacts = [an_artifact(marker=f"model {n}") for n in range(8)]

        with ThreadPoolExecutor(max_workers=8) as pool:
            told = list(pool.map(lambda artifact: store.publish(artifact, now=NOW), artifacts))

        assert sorted(version.version for version in told) == list(range(1, 9))
        assert store.versions("iris") == sorted(told)
        assert all(store.load(each.digest) in artifacts for each in told)

    def test_many_publishers_of_one_artifact_get_one_number(self, store: ModelStore) -> None:
        with ThreadPoolExecutor(max_workers=8) as pool:
            told = list(pool.map(lambda _: store.publish(an_artifact(), now=NOW), range(8)))

        assert {version.version for version in told} == {1}
        assert len(store.versions("iris")) == 1

    @pytest.mark.parametrize("after", [False, True])
    def test_a_publisher_killed_at_any_call_leaves_no_half_version_and_can_run_again(
        self, objects: Objects, store: ModelStore, tmp_path: Path, *, after: bool
    ) -> None:
        """Before and after every single call to the storage, from the first file to the lock."""
        key = a_key().public_key
        for at in count(1):
            artifact, lock = an_artifact(model=f"m{at}"), tmp_path / f"{at}.json"
            stopping = StoppingObjects(objects, at, after)
            with suppress(Stopped):
                publish(ModelStore(stopping, ""), artifact, lock, now=NOW, signer=a_key())
            if stopping.calls < at:
                break  # it came to its end

            for version in store.versions(f"m{at}"):
                assert store.load(version.digest) == artifact
            assert read_lock(lock) is None or check_signed(store, artifact, 1, [key]) == key
            again = publish(store, artifact, lock, now=NOW, signer=a_key())
            assert again.version == 1
            assert [each.version for each in store.versions(f"m{at}")] == [1]
            assert store.load(artifact.digest) == artifact
            assert check_signed(store, artifact, 1, [key]) == key
            assert read_lock(lock) == ModelLock(f"m{at}", 1, artifact.digest)
        assert at > len(artifact.files) + 2  # each file, the record, the signature

    def test_who_loses_the_race_for_a_number_takes_the_next_and_says_nothing_of_the_first(
        self, objects: Objects, store: ModelStore, tmp_path: Path
    ) -> None:
        """Both versions are whole, and each is signed as what it is."""
        ours, theirs = an_artifact(marker="ours"), an_artifact(marker="theirs")

        def quicker() -> None:
            publish(store, theirs, tmp_path / "theirs.json", now=NOW, signer=a_key())

        raced = ModelStore(RacedObjects(objects, quicker), "")
        told = publish(raced, ours, tmp_path / "ours.json", now=NOW, signer=a_key())

        key = a_key().public_key
        assert told.version == 2
        assert [each.digest for each in store.versions("iris")] == [theirs.digest, ours.digest]
        assert (store.load(ours.digest), store.load(theirs.digest)) == (ours, theirs)
        assert check_signed(store, theirs, 1, [key]) == check_signed(store, ours, 2, [key]) == key
        assert store.signature("iris", 1, ours.digest, key.id) is None

    def test_who_loses_the_race_to_the_same_artifact_shares_its_number(
        self, objects: Objects, store: ModelStore
    ) -> None:
        """Two jobs of one commit."""
        artifact = an_artifact()
        raced = RacedObjects(objects, lambda: store.publish(artifact, now=NOW))

        told = ModelStore(raced, "").publish(artifact, now=NOW.replace(year=2027))

        assert store.versions("iris") == [told]
        assert told.published_at == NOW

    def test_signatures_are_kept_once_and_by_the_key_that_made_them(
        self, store: ModelStore
    ) -> None:
        """Several keys may sign a version; nobody can replace what one has signed."""
        artifact = an_artifact()
        version = store.publish(artifact, now=NOW)
        one, two = "1" * 64, "2" * 64

        kept = [store.keep_signature(version, key, key.encode()) for key in (two, one, two)]

        assert kept == [True, True, False]
        assert store.signed_by(version) == [one, two]
        assert store.signature("iris", 1, artifact.digest, two) == two.encode()
        assert store.signature("iris", 2, artifact.digest, two) is None
        assert store.load(artifact.digest) == artifact


class SharedStoreContract:
    @pytest.fixture
    def shared(self) -> Shared:
        raise NotImplementedError

    def test_processes_that_publish_at_once_share_the_numbers_out(self, shared: Shared) -> None:
        """Three different artifacts, each published by two of the processes, get three numbers."""
        markers = ["a", "b", "c", "a", "b", "c"]

        with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
            told = list(pool.map(shared.publish, markers))

        assert told[:3] == told[3:]
        assert sorted(told[:3]) == [1, 2, 3]
        store = ModelStore.open(shared.url, shared.environment)
        found = [(each, store.load(each.digest)) for each in store.versions("iris")]
        assert {artifact.digest for _, artifact in found} == {
            an_artifact(marker=marker).digest for marker in "abc"
        }
        for version, artifact in found:
            check_signed(store, artifact, version.version, [a_key().public_key])
