"""A service that is shadowed, and a shadow that keeps what it is sent."""

import json
from typing import Any

from tests.support.events import Call, rest_api_v1
from tests.support.requests_v2 import request
from tests.support.services import service_of
from wherry.beside import SHADOWED

SERVICE = service_of()
EVENT = rest_api_v1(Call("POST", "/v2/models/tiny/infer", request()))


def nowhere() -> Any:
    raise AssertionError("no event here is large")


class Kept:
    """A shadow that keeps what it is sent, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.events: list[Any] = []
        self.failure = failure

    def send(self, event: bytes) -> None:
        self.events.append(json.loads(event)[SHADOWED])
        if self.failure:
            raise self.failure

    def close(self) -> None:
        """Nothing is kept open."""
