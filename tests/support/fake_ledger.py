"""The ledger in memory."""

from dataclasses import replace
from threading import Lock

from wherry.errors import CloudError
from wherry_control.ledger import Entry


class FakeLedger:
    """`broken` makes every call fail, as a missing table does."""

    def __init__(self) -> None:
        self.broken = False
        self._lock = Lock()
        self._entries: list[Entry] = []

    def append(self, entry: Entry) -> Entry:
        with self._lock:
            for kept in self.entries(entry.model):
                if entry.key and kept.key == entry.key:
                    return kept
            numbered = replace(entry, sequence=len(self.entries(entry.model)) + 1)
            self._entries.append(numbered)
            return numbered

    def entries(self, model: str) -> list[Entry]:
        if self.broken:
            raise CloudError("ledger", "there is no such table")
        return [entry for entry in self._entries if entry.model == model]
