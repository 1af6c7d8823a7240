"""A read that is denied is told apart: what is absent from what may not be read."""

from collections.abc import Iterator
from typing import Any

import pytest
from obstore.exceptions import PermissionDeniedError
from obstore.store import MemoryStore

from wherry.errors import CloudError
from wherry.store.objects import ObstoreObjects


class Denying:
    """As S3 to one who may list, and whose reads are denied; or who may not even list."""

    def __init__(self, *keys: str, lists: bool = True) -> None:
        self._store = MemoryStore()
        for key in keys:
            self._store.put(key, b"there")
        self._lists = lists

    def get(self, key: str) -> Any:
        raise PermissionDeniedError(f"{key}: AccessDenied")

    def list(self, prefix: str | None = None, *, offset: str | None = None) -> Iterator[Any]:
        if not self._lists:
            raise PermissionDeniedError("AccessDenied")
        return iter(self._store.list(prefix, offset=offset))


@pytest.mark.parametrize("key", ["receipts/b.json", "b", "receipts/", "receipts/b.jsonl"])
def test_what_the_listing_does_not_have_is_absent(key: str) -> None:
    store = Denying("receipts/a.json", "receipts/b.json5", "receipts/c.json", "receipts/b.jso")

    assert ObstoreObjects(store, "s3://bucket").read(key, 10) is None  # type: ignore[arg-type] # as much of a store as is asked


@pytest.mark.parametrize("store", [Denying("receipts/b.json"), Denying(lists=False)])
def test_what_is_there_or_cannot_be_listed_is_denied(store: Any) -> None:
    with pytest.raises(CloudError, match="denied"):
        ObstoreObjects(store, "s3://bucket").read("receipts/b.json", 10)
