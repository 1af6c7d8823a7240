"""Files on this machine keep what files anywhere do."""

import errno
import os
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


def test_what_links_lead_to_is_below_a_folder_and_each_loop_is_gone_round_once(
    tmp_path: Path,
) -> None:
    """A folder of a data set often is links to where its parts lie."""
    (tmp_path / "data/part").mkdir(parents=True)
    (tmp_path / "data/part/a.csv").touch()
    (tmp_path / "data/part/up").symlink_to(tmp_path / "data")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/day").symlink_to(tmp_path / "data")
    (tmp_path / "in/gone").symlink_to(tmp_path / "nowhere")

    found = [each.key for each in LocalFiles(str(tmp_path / "in")).entries()]

    assert found == [str(tmp_path / "in/day/part/a.csv")]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    """Not even by root, since its path is longer than a path may be."""
    name, folder = "a" * 250, os.open(tmp_path, os.O_RDONLY)
    for _ in range(17):
        os.mkdir(name, dir_fd=folder)
        inner = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)

    with pytest.raises(CloudError, match=os.strerror(errno.ENAMETOOLONG)):
        list(LocalFiles(str(tmp_path)).entries())
