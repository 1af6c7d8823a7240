"""
Whether an object that could not be read is simply not there.

Who may not list a bucket is told "denied" of what is absent, so that nobody finds out names by
asking. Who may list a prefix alone is, as far as is known, told the same: the rule's condition asks
for a prefix, which a read does not have. So where a read is denied, the listing is asked.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("Permissions")
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, Union

from obstore.exceptions import PermissionDeniedError

from wherry.store.failures import NO_BUCKET

if TYPE_CHECKING:
    from obstore.store import LocalStore, MemoryStore, S3Store

T = TypeVar("T")
Store = Union["S3Store", "LocalStore", "MemoryStore"]


def unless_absent(store: Store, key: str, ask: Callable[[], T]) -> T | None:
    """What `ask` tells of the object `key`, or None if it is not there; raise what else came."""
    try:
        return ask()
    except (FileNotFoundError, PermissionDeniedError) as error:
        if _is_absent(store, key, error):
            return None
        raise


def _is_absent(store: Store, key: str, error: FileNotFoundError | PermissionDeniedError) -> bool:
    """False where the bucket is missing, or the object is there and may not be read."""
    if isinstance(error, FileNotFoundError):
        return NO_BUCKET not in str(error)
    folder = key.rpartition("/")[0]
    try:
        page = next(iter(store.list(folder or None, offset=key[:-1])), [])
    except PermissionDeniedError:
        return False
    return all(found["path"] != key for found in page)
