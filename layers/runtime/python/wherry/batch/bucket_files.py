"""
Files in S3, by obstore, with the endpoint and the credentials of the model store (wherry.store).

Each range is asked for by itself and its etag looked at, so that an object that changes while it is
read is noticed. A read is a request: who reads asks for as much at once as is good.
"""

import io
import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from wherry.batch.files import Entry, check_same
from wherry.errors import UsageError
from wherry.store.absence import unless_absent
from wherry.store.failures import translated
from wherry.store.settings import open_bucket

if TYPE_CHECKING:
    from obstore.store import S3Store

SCHEME = "s3://"


class BucketFiles:
    """See Files."""

    remote = True
    spool = None

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self.url = SCHEME + url.removeprefix(SCHEME).strip("/")
        self._environment = environment
        self._stores: dict[str, S3Store] = {}
        self._place("")

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """
        See Files. What is below is looked at first: of a folder's own name, S3 says "denied" to
        who may read and list no more than the folder.
        """
        store, prefix, bucket = self._place(folder)
        with self._told():
            found = [each for page in store.list(prefix or None) for each in page]
        one = self.find(f"{SCHEME}{bucket}/{prefix}") if prefix and not found else None
        if one is not None:
            yield one
        for each in sorted(found, key=lambda each: each["path"]):
            key = f"{SCHEME}{bucket}/{each['path']}"
            yield Entry(key, each["size"], _etag(each))

    def find(self, key: str) -> Entry | None:
        """See Files."""
        store, path, _ = self._place(key)
        with self._told():
            found = unless_absent(store, path, lambda: store.head(path))
            return None if found is None else Entry(key, found["size"], _etag(found))

    def open(self, entry: Entry) -> Any:
        """See Files."""
        import pyarrow as pa

        check_same(self.address(entry.key), entry, self.find(entry.key))
        return pa.PythonFile(_Ranges(self, entry), mode="r")

    def range(self, entry: Entry, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (without it) of what was planned."""
        store, path, _ = self._place(entry.key)
        with self._told():
            told = store.get(path, options={"range": (start, end)})
            meta = told.meta
            found = Entry(entry.key, meta["size"], _etag(meta))
            check_same(self.address(entry.key), entry, found)
            return bytes(told.bytes())

    def read(self, key: str) -> bytes | None:
        """See Files."""
        store, path, _ = self._place(key)
        with self._told():
            found = unless_absent(store, path, lambda: store.get(path))
            return None if found is None else bytes(found.bytes())

    def create(self, key: str, content: bytes | Path) -> bool:
        """See Files."""
        store, path, _ = self._place(key)
        with self._told():
            try:
                store.put(path, _bytes_of(content), mode="create", use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                if self.find(key) is None:  # S3 refuses one of two that write at once, as well
                    raise
                return False
            return True

    def put(self, key: str, content: bytes) -> None:
        """See Files."""
        store, path, _ = self._place(key)
        with self._told():
            store.put(path, content)

    def tidy(self) -> None:
        """See Files: an object is there as a whole or not at all."""

    def address(self, key: str = "") -> str:
        """See Files."""
        if key.startswith(SCHEME):
            return key
        return f"{self.url}/{key}" if key else self.url

    def _place(self, key: str) -> "tuple[S3Store, str, str]":
        bucket, _, path = self.address(key).removeprefix(SCHEME).partition("/")
        if not bucket:
            raise UsageError(self.url, "no bucket", "Name s3://bucket/…")
        if bucket not in self._stores:
            self._stores[bucket] = open_bucket(bucket, "", self._environment)
        return self._stores[bucket], path, bucket

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise translated(self.url, error) from error


def _etag(found: Any) -> str:
    """Without its quotes, as an inventory has it."""
    return (found["e_tag"] or "").strip('"')


class _Ranges(io.RawIOBase):
    """One object as a file: each read is a request."""

    def __init__(self, files: BucketFiles, entry: Entry) -> None:
        super().__init__()
        self._files = files
        self._entry = entry
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._entry.size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the object goes."""
        end = min(self._at + len(buffer), self._entry.size)
        if end <= self._at:
            return 0
        data = self._files.range(self._entry, self._at, end)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _bytes_of(content: bytes | Path) -> Any:
    """A file's bytes are mapped: they need not be in memory at once."""
    if isinstance(content, bytes) or not content.stat().st_size:
        return content if isinstance(content, bytes) else b""
    with content.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
