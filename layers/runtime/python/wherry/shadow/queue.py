"""
What waits to be sent to the shadow: little, and dropped where there is no room.

The caller's own thread only puts; nothing here waits for anybody, and nothing grows.
"""

from collections import deque
from collections.abc import Callable, Iterator
from threading import Lock

ITEMS, BYTES = 16, 8 * 1024 * 1024

Item = Callable[[], bytes]  # makes the event, when there is time to


class Queue:
    """`dropped` counts what found no room."""

    def __init__(self, items: int = ITEMS, size: int = BYTES) -> None:
        self._items: deque[tuple[int, Item]] = deque()
        self._most, self._room = items, size
        self._size = 0
        self._lock = Lock()
        self.dropped = 0

    def put(self, item: Item, size: int) -> bool:
        """False, and the item is dropped, if it is one too many or its `size` bytes too large."""
        with self._lock:
            if len(self._items) >= self._most or self._size + size > self._room:
                self.dropped += 1
                return False
            self._size += size
            self._items.append((size, item))
            return True

    def drain(self) -> Iterator[Item]:
        """Everything that waits, the oldest first, until nothing does; for one thread alone."""
        while self._items:
            with self._lock:
                size, item = self._items.popleft()
                self._size -= size
            yield item

    def __len__(self) -> int:
        return len(self._items)
