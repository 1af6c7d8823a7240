"""How every answer leaves: JSON, written by orjson."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


class JsonReply(Response):
    """`content` is an object to write, or bytes that are JSON already."""

    media_type = "application/json"

    def __init__(
        self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(content, status, headers)

    def render(self, content: Any) -> bytes:
        """Called once by Response."""
        return content if isinstance(content, bytes) else orjson.dumps(content)
