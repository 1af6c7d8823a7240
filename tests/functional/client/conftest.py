"""Every claim of this folder holds for both clients, with no socket and over one."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.client_doors import Connect, Driven, Time, driven
from tests.support.gateway import Asgi
from tests.support.live import served


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    told: str = request.param
    return told


@pytest.fixture(params=["asgi", "socket"])
def connect(request: pytest.FixtureRequest, kind: str, time: Time) -> Iterator[Connect]:
    """A client of an app."""
    with ExitStack() as stack:

        def connected(app: Asgi, **told: Any) -> Driven:
            if request.param == "asgi":
                return stack.enter_context(driven(kind, "http://test", app, time, **told))
            url = f"http://{stack.enter_context(served(app))}"
            return stack.enter_context(driven(kind, url, None, time, **told))

        yield connected
