"""
What publishing must be on every storage: write-once, safe for many at once, resumable when killed.

A part of the contract of stores (store_contract.py); signatures and locks are in it. A test module
subclasses `SharedStoreContract` with a `shared` fixture: a URL that other processes can open.
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
    an_artifact,
)
from wherry.artifact import Artifact
from wherry.manifest import MANIFEST
from wherry.signature_check import check_signed
from wherry.store import ModelStore
from wherry.store.objects import Objects
from wherry_control.locks import ModelLock, read_lock
from wherry_control.publishing import publish


def manifest_of(objects: Objects, artifact: Artifact) -> bytes | None:
    return objects.read(f"artifacts/{artifact.digest.replace(':', '/')}/{MANIFEST}", 1 << 20)


class PublishingContract:
    @pytest.fixture
    def objects(self) -> Objects:
        raise NotImplementedError

    @pytest.fixture
    def store(self, objects: Objects) -> ModelStore:
        return ModelStore(objects, "the store under test")

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

            if manifest_of(objects, artifact) is not None:  # it is written last
                assert store.load(artifact.digest) == artifact
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
