"""Files as they would be: what is written is kept here, and shown to who reads it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wherry.batch.files import Entry, Files


class Unwritten:
    """See Files. Only what is small is written before a run has begun."""

    spool = None

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: dict[str, bytes] = {}
        self.url, self.remote = files.url, files.remote

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """See Files."""
        return self._files.entries(folder)

    def find(self, key: str) -> Entry | None:
        """See Files."""
        return self._files.find(key)

    def open(self, entry: Entry) -> Any:
        """See Files."""
        return self._files.open(entry)

    def read(self, key: str) -> bytes | None:
        """See Files."""
        found = self._files.read(key)
        return self._kept.get(key) if found is None else found

    def create(self, key: str, content: bytes | Path) -> bool:
        """See Files."""
        if self.read(key) is not None:
            return False
        self.put(key, content if isinstance(content, bytes) else content.read_bytes())
        return True

    def put(self, key: str, content: bytes) -> None:
        """See Files."""
        self._kept[key] = content

    def tidy(self) -> None:
        """See Files: nothing was left behind."""

    def address(self, key: str = "") -> str:
        """See Files."""
        return self._files.address(key)
