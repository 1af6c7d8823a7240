"""
What a request and a reply are here, whatever carried them: a socket, an event or a test.

No framework's type crosses this line, so that a prediction is answered before one is imported.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Request(NamedTuple):
    """
    `path` is percent-decoded; header names are in lower case. Nothing here has a query.

    A body that is longer than the app allows may be cut anywhere beyond that. `probe`, `claims` and
    `caller` are of whoever carried it, and nothing that a caller can say: a probe is asked by a
    rollout, the claims are of a token that a gateway has verified, and the caller is whom it knows.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    probe: bool = False
    claims: Mapping[str, str] = {}
    caller: str = ""


class Reply(NamedTuple):
    """Header names are in lower case; `content-length` is for whoever carries it to tell."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_text(self) -> bool:
        """Whether the body may travel as text: plain JSON, and nothing that was compressed."""
        return (
            self.headers.get("content-type", "").startswith(("application/json", "text/"))
            and "content-encoding" not in self.headers
        )
