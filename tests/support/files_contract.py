"""What every kind of files keeps, so that a run is the same on a bucket and on a disk."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wherry.batch.files import Files, open_files
from wherry.errors import RefusedError


class FilesContract:
    """A test class of each kind makes `files`, whose folder is empty."""

    def test_what_is_created_is_created_once(self, files: Files, tmp_path: Path) -> None:
        spool = tmp_path / "spool"
        spool.write_bytes(b"one")

        assert files.create("deep/a", spool)
        assert not files.create("deep/a", b"two")
        assert files.read("deep/a") == b"one"
        assert spool.read_bytes() == b"one"

    def test_of_many_writers_one_creates(self, files: Files) -> None:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda n: files.create("a", b"%d" % n), range(8)))

        assert sum(made) == 1
        assert files.read("a") == b"%d" % made.index(True)

    def test_a_report_is_put_over_an_older_one(self, files: Files) -> None:
        files.put("deep/a", b"one")
        files.put("deep/a", b"two")

        assert files.read("deep/a") == b"two"

    def test_what_is_not_there_is_none(self, files: Files) -> None:
        assert files.read("a") is None
        assert files.find("a") is None
        assert list(files.entries()) == []

    def test_entries_are_told_by_their_addresses_and_read_by_ranges(self, files: Files) -> None:
        for key in ("b", "a/c", "a/b"):
            files.create(key, key.encode() * 3)

        found = list(files.entries())

        assert sorted(each.key for each in found) == [
            files.address(key) for key in ("a/b", "a/c", "b")
        ]
        for each in found:
            assert files.find(each.key) == each
            source = files.open(each)
            source.seek(1)
            assert source.read(2) == (files.read(each.key) or b"")[1:3]
            assert source.read() == (files.read(each.key) or b"")[3:]

    def test_an_object_that_has_changed_is_not_opened(self, files: Files) -> None:
        files.create("a", b"one")
        [entry] = files.entries()
        files.put("a", b"other")

        with pytest.raises(RefusedError, match="has changed"):
            files.open(entry)

    def test_an_empty_object_is_read_as_nothing(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        files.create("a", tmp_path / "empty")
        [entry] = files.entries()

        assert files.open(entry).read() == b""

    def test_a_root_that_is_one_object_is_that(self, files: Files) -> None:
        files.create("a", b"one")

        assert [each.size for each in self.opened(files.address("a")).entries()] == [3]

    def opened(self, url: str) -> Files:
        """Files of this kind at another place."""
        return open_files(url)
