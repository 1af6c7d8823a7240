"""Which model store a command means: --store, the one of --target, or the checkout's own."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cli.call import Call
from wherry.errors import UsageError

if TYPE_CHECKING:
    from wherry.store import ModelStore


def store_url(call: Call, store: str | None) -> str:
    """The store's address."""
    if store and call.target_name:
        raise UsageError("--store", "a target has a store of its own", "Leave out one of the two.")
    if call.target_name:
        return call.target.store_url
    if store and "://" in store:
        return store
    return str(Path(store).absolute() if store else call.project.store)


def open_store(call: Call, store: str | None) -> "ModelStore":
    from wherry.store import ModelStore

    url = store_url(call, store)
    return ModelStore.open(url, os.environ)
