"""
Where rows are read and results are written: a bucket, a directory or one file, by the same calls.

What is read is read in ranges, and never whole; an object that is no longer the one that was
planned is refused. What is written is created once: a second writer of a key finds it taken. Only a
report may be put over an older one.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from wherry.errors import RefusedError


class Entry(NamedTuple):
    """One object: `key` is below the files' root, or, where it is elsewhere, all of its address."""

    key: str
    size: int
    etag: str


class Files(Protocol):
    """A key that is an address of its own (`s3://…`, `/…`) is read from there."""

    url: str

    @property
    def spool(self) -> Path | None:
        """Where what is to be created is best written first; None: anywhere."""

    @property
    def remote(self) -> bool:
        """Whether each read is a request: few large ones are better than many small ones."""

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """Every object below it, by key; of a root that is one object, that one."""

    def find(self, key: str) -> Entry | None:
        """None if there is no such object."""

    def open(self, entry: Entry) -> Any:
        """A file for pyarrow, which seeks; RefusedError if the object is not the same any more."""

    def read(self, key: str) -> bytes | None:
        """All of a small object; None if there is none."""

    def create(self, key: str, content: bytes | Path) -> bool:
        """Write it all or nothing; False if the key is taken."""

    def put(self, key: str, content: bytes) -> None:
        """Write it over what is there."""

    def tidy(self) -> None:
        """Remove what killed writers left behind; nobody may be writing any more."""

    def address(self, key: str = "") -> str:
        """What a person, or another engine, would open it by."""


def open_files(url: str, environment: Mapping[str, str] = os.environ) -> Files:
    """`s3://bucket[/…]`, a directory or a file, which need not be there yet."""
    if url.startswith("s3://"):
        from wherry.batch.bucket_files import BucketFiles

        return BucketFiles(url, environment)
    from wherry.batch.local_files import LocalFiles

    return LocalFiles(url)


def check_same(where: str, planned: Entry, found: Entry | None) -> None:
    """Raise RefusedError unless it is what was planned."""
    if found is None or (found.size, found.etag) != (planned.size, planned.etag):
        what = "is gone" if found is None else "has changed"
        raise RefusedError(
            where, f"it {what} since this run was planned", "Start a new run in a new folder."
        )
