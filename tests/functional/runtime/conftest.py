"""A published model in a directory store, and the environment of the release that serves it."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.services import published


@pytest.fixture
def release_environment(tmp_path: Path) -> Mapping[str, str]:
    return published(tmp_path / "store")


@pytest.fixture
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Mangum takes the thread's loop, and leaves it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()
