"""
Payloads over a queue's limit: the message holds a claim, the URL of an object, in their place.

Only what lies below the one prefix is read, and never more of it than a request may be. An answer
that is too large for a message goes there in the same way, named by its content.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Self

from wherry.errors import IntegrityError, NotFoundError, RequestError, TooLargeError
from wherry.protocol.signature import quoted
from wherry.store.objects import Objects
from wherry.store.settings import open_objects

CLAIM = "claim"


class Claims:
    """`url` is where they are: `s3://bucket/prefix`, or a directory."""

    def __init__(self, objects: Objects, url: str) -> None:
        self._objects = objects
        self._prefix = f"{url.rstrip('/')}/"

    @classmethod
    def open(cls, url: str, environment: Mapping[str, str] = os.environ) -> Self:
        return cls(open_objects(url, environment), url)

    def read(self, claim: str, most: int) -> bytes:
        """Raise RequestError if it is not below the prefix, is not there or is over `most`."""
        key = claim.removeprefix(self._prefix)
        if key == claim or not all(part.strip(".") for part in key.split("/")):
            raise RequestError(CLAIM, f"{quoted(claim)} is not below {self._prefix}")
        try:
            found = self._objects.read(key, most)
        except IntegrityError:
            raise TooLargeError("the request", f"it is over {most} bytes") from None
        if found is None:
            raise NotFoundError(
                CLAIM, f"nothing is at {quoted(claim)}", "Upload it before its message is sent."
            )
        return found

    def keep(self, folder: str, name: str, data: bytes) -> str:
        """The claim of what is put below `folder`: of an answer, or of a payload."""
        key = f"{folder}/{name}/{sha256(data).hexdigest()}"
        self._objects.create(key, data)
        return self._prefix + key
