"""Files on this machine keep what files anywhere do."""

from pathlib import Path

import pytest

from tests.support.files_contract import FilesContract
from wherry.batch.files import Files
from wherry.batch.local_files import LocalFiles
from wherry.errors import CloudError


class TestLocalFiles(FilesContract):
    @pytest.fixture
    def files(self, tmp_path: Path) -> Files:
        return LocalFiles(str(tmp_path / "files"))

    def test_nothing_hidden_is_left_beside_what_is_created(self, files: Files) -> None:
        files.create("a", b"one")
        files.create("a", b"two")

        assert [Path(each.key).name for each in files.entries()] == ["a"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CloudError, match="Not a directory"):
        LocalFiles(str(tmp_path / "file" / "deep")).create("a", b"")
