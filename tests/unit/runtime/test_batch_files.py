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


def _found(folder: Path) -> list[str]:
    given = [each.key for each in LocalFiles(str(folder)).entries()]
    return [Path(each).relative_to(folder).as_posix() for each in given]


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.name)
    return path


def test_what_a_link_leads_to_is_given_once_by_its_own_name(tmp_path: Path) -> None:
    """Its rows would be answered twice, and nobody would know."""
    _file(tmp_path / "b-day/a.csv")
    (tmp_path / "a-newest").symlink_to(tmp_path / "b-day")
    (tmp_path / "a.csv").symlink_to(tmp_path / "b-day/a.csv")
    (tmp_path / "here").symlink_to(tmp_path)

    assert _found(tmp_path) == ["b-day/a.csv"]


def test_what_several_links_lead_to_is_given_once(tmp_path: Path) -> None:
    file, into = _file(tmp_path / "data/day/a.csv"), tmp_path / "in"
    into.mkdir()
    (into / "a.csv").symlink_to(file)
    (into / "b").symlink_to(file.parent)
    (into / "c").symlink_to(tmp_path / "data")
    (into / "d.csv").symlink_to(_file(tmp_path / "other/d.csv"))
    (into / "e.csv").symlink_to(tmp_path / "other/d.csv")

    assert _found(into) == ["b/a.csv", "d.csv"]


def test_two_names_of_a_file_that_are_no_links_to_each_other_are_two(tmp_path: Path) -> None:
    """Tools that save space make one file of two days that happen to be equal."""
    _file(tmp_path / "monday.csv")
    (tmp_path / "tuesday.csv").hardlink_to(tmp_path / "monday.csv")

    assert _found(tmp_path) == ["monday.csv", "tuesday.csv"]


@pytest.mark.parametrize("hidden", [".kept", "_kept"])
def test_what_is_hidden_takes_nothing_from_the_link_that_shows_it(
    tmp_path: Path, hidden: str
) -> None:
    """As Kubernetes mounts its files."""
    _file(tmp_path / hidden / "a.csv")
    _file(tmp_path / f"{hidden}.csv")
    (tmp_path / "a.csv").symlink_to(tmp_path / hidden / "a.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / f"{hidden}.csv")

    assert _found(tmp_path) == [f"{hidden}.csv", "a.csv", "b.csv"]


def test_a_link_that_leads_to_itself_is_no_file(tmp_path: Path) -> None:
    _file(tmp_path / "a.csv")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    assert _found(tmp_path) == ["a.csv"]


def test_a_hidden_folder_is_not_gone_into_unless_it_is_named(tmp_path: Path) -> None:
    """A `.Trash` or a `.snapshot` is often nobody's to list."""
    _too_long(tmp_path / ".snapshot")
    _file(tmp_path / "a.csv")
    _file(tmp_path / "_wherry/receipts/b.json")

    assert _found(tmp_path) == ["a.csv"]
    assert _found(tmp_path / "_wherry/receipts") == ["b.json"]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    _too_long(tmp_path / "in")

    with pytest.raises(CloudError, match=os.strerror(errno.ENAMETOOLONG)):
        list(LocalFiles(str(tmp_path)).entries())


def _too_long(path: Path) -> None:
    """Not even root can list it, since the path below it is longer than a path may be."""
    path.mkdir()
    name, folder = "a" * 250, os.open(path, os.O_RDONLY)
    for _ in range(17):
        os.mkdir(name, dir_fd=folder)
        inner = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
