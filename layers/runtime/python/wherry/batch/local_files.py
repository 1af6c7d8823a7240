"""
Files on this machine: read by ranges, linked to their names to be created.

They are not mapped into memory: it is no faster here, and what was read would count as memory.

A file that is being written has a hidden name, so that no reader sees half of one, and a link to a
name that is taken fails: that is what makes `create` write once.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wherry.batch.contract import STATE
from wherry.batch.files import Entry, check_same
from wherry.batch.walking import below
from wherry.errors import CloudError, UsageError

SPOOL = f"{STATE}/spool"


class LocalFiles:
    """See Files. The root is a directory, or one file."""

    remote = False

    def __init__(self, url: str) -> None:
        if not url or "://" in url:
            raise UsageError(f"{url!r}", "no place of files", "Name s3://bucket/… or a path.")
        self._root = Path(url).absolute()
        self.url = str(self._root)

    @property
    def spool(self) -> Path:
        """In the run's own folder: a link reaches no other disk."""
        with _told(self._root):
            folder = self._root / SPOOL
            folder.mkdir(parents=True, exist_ok=True)
            return folder

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """See Files; what is in hidden folders below it is left out."""
        with _told(self._root):
            top = self._root / folder
            if top.is_file():
                yield _entry(top, str(top))
            else:
                for path in below(str(top)):
                    yield _entry(Path(path), path)

    def find(self, key: str) -> Entry | None:
        """See Files."""
        with _told(self._root):
            path = self._root / key
            return _entry(path, key) if path.is_file() else None

    def open(self, entry: Entry) -> Any:
        """See Files."""
        import pyarrow as pa

        check_same(self.address(entry.key), entry, self.find(entry.key))
        with _told(self._root):
            return pa.OSFile(self.address(entry.key))

    def read(self, key: str) -> bytes | None:
        """See Files."""
        with _told(self._root):
            try:
                return (self._root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def create(self, key: str, content: bytes | Path) -> bool:
        """See Files."""
        path = self._root / key
        with _told(self._root), _hidden(path, content) as written:
            try:
                os.link(written, path)
            except FileExistsError:
                return False
            _keep(path.parent)
            return True

    def put(self, key: str, content: bytes) -> None:
        """See Files."""
        path = self._root / key
        with _told(self._root), _hidden(path, content) as written:
            written.replace(path)
            _keep(path.parent)

    def tidy(self) -> None:
        """See Files."""
        shutil.rmtree(self._root / SPOOL, ignore_errors=True)

    def address(self, key: str = "") -> str:
        """See Files."""
        return str(self._root / key) if key else self.url


@contextmanager
def _hidden(path: Path, content: bytes | Path) -> Iterator[Path]:
    """The content under a hidden name beside `path`, gone afterwards if it still has that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    os.close(handle)
    written = Path(name)
    try:
        if isinstance(content, Path):
            written.unlink()
            _link_or_copy(content, written)
        else:
            written.write_bytes(content)
        written.chmod(0o644)
        _keep(written)
        yield written
    finally:
        written.unlink(missing_ok=True)


def _keep(path: Path) -> None:
    """On the disk, so that a power cut leaves no name without what it names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _link_or_copy(content: Path, written: Path) -> None:
    try:
        os.link(content, written)
    except OSError:  # another disk
        shutil.copyfile(content, written)


def _entry(path: Path, key: str) -> Entry:
    found = path.stat()
    return Entry(key, found.st_size, f"{found.st_mtime_ns:x}-{found.st_size:x}")


@contextmanager
def _told(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CloudError(
            str(error.filename or root), error.strerror or str(error), "Put that right; it resumes."
        ) from error
