"""
What the model store asks of storage: read whole, create once, list. Nothing overwrites or deletes.

obstore does it for S3, a directory and memory. Its create is atomic everywhere: on a directory a
hidden `name#1` is written, then linked to its name, so a reader sees all of a file or none of it.
Its errors become ours on the way out (failures.py).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PreconditionError,
)

from wherry.errors import IntegrityError
from wherry.store.absence import unless_absent
from wherry.store.failures import translated

if TYPE_CHECKING:
    from obstore.store import LocalStore, MemoryStore, S3Store


class Objects(Protocol):
    """Storage of immutable objects under keys such as `a/b/c.json`."""

    def read(self, key: str, limit: int) -> bytes | None:
        """Return the object, None if there is none; IntegrityError, unread, above `limit` bytes."""

    def create(self, key: str, data: bytes) -> bool:
        """Write the whole object, or return False if the key is taken."""

    def keys(self, prefix: str) -> Iterable[str]:
        """Every key below the folder `prefix`, in any order."""


class ObstoreObjects:
    """The real thing; `url` is only for messages."""

    def __init__(self, store: "S3Store | LocalStore | MemoryStore", url: str) -> None:
        self._store = store
        self._url = url

    def read(self, key: str, limit: int) -> bytes | None:
        """See Objects."""
        with self._told():
            found = unless_absent(self._store, key, lambda: self._store.get(key))
            if found is None:
                return None
            if found.meta["size"] > limit:
                raise IntegrityError(
                    f"{self._url}: {key}",
                    f"{found.meta['size']} bytes are stored where {limit} are the most",
                    "Restore it from a copy.",
                )
            return bytes(found.bytes())

    def create(self, key: str, data: bytes) -> bool:
        """See Objects."""
        with self._told():
            try:
                self._store.put(key, data, mode="create", use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                # S3 refuses one of two that write at once, as well
                if unless_absent(self._store, key, lambda: self._store.head(key)) is None:
                    raise
                return False
            return True

    def keys(self, prefix: str) -> list[str]:
        """See Objects."""
        with self._told():
            return [found["path"] for page in self._store.list(prefix) for found in page]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise translated(self._url, error) from error
