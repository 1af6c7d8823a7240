"""The model store in memory and in a directory; S3 runs the same claims end to end."""

from pathlib import Path

import pytest

from tests.support.store_contract import StoreContract
from tests.support.stores import NOW, an_artifact
from wherry.errors import CloudError, UsageError
from wherry.store import ModelStore
from wherry.store.objects import Objects
from wherry.store.settings import open_objects


class TestMemory(StoreContract):
    @pytest.fixture
    def objects(self) -> Objects:
        return open_objects("memory://", {})


class TestDirectory(StoreContract):
    @pytest.fixture
    def objects(self, tmp_path: Path) -> Objects:
        return open_objects(str(tmp_path / "new" / "store"), {})

    def test_a_file_half_written_by_a_killed_publisher_is_no_version(self, tmp_path: Path) -> None:
        """A directory's writer fills `name#1`, then links it to its name."""
        store = ModelStore.open(str(tmp_path))
        records = tmp_path / "models" / "iris" / "versions"
        records.mkdir(parents=True)
        (records / "00000001.json#1").write_bytes(b'{"digest":"sha')

        assert store.versions("iris") == []
        assert store.models() == []
        assert store.publish(an_artifact(), now=NOW).version == 1

    def test_nothing_else_stays_in_the_directory(self, tmp_path: Path) -> None:
        artifact = an_artifact()

        ModelStore.open(str(tmp_path)).publish(artifact, now=NOW)

        files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
        assert files == {*artifact.files, "00000001.json"}

    def test_storage_that_fails_is_told_by_name(self, tmp_path: Path) -> None:
        store = ModelStore.open(str(tmp_path))
        (tmp_path / "artifacts").write_text("a file where a folder must be")

        with pytest.raises(CloudError, match=str(tmp_path)):
            store.publish(an_artifact(), now=NOW)


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="Name a directory that can be made"):
        ModelStore.open(str(tmp_path / "file" / "store"))


@pytest.mark.parametrize("url", ["", "s3://", "s3:///prefix", "gs://bucket", "memory://x"])
def test_what_is_no_store_is_told(url: str) -> None:
    with pytest.raises(UsageError, match="s3://bucket/prefix"):
        ModelStore.open(url)
