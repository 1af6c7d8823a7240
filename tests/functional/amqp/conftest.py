"""A broker for each file of this folder, and what asks and works there."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.amqp import Peer
from tests.support.amqp_working import Worker
from tests.support.rabbitmq import Broker, rabbitmq
from tests.support.services import published


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with rabbitmq(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def peer(broker: Broker) -> Peer:
    return Peer(broker.url)


@pytest.fixture
def worker(broker: Broker, tmp_path: Path) -> Worker:
    return Worker(broker.url, tmp_path, published(tmp_path / "store"))


@pytest.fixture
def queue() -> str:
    """Of a test's own."""
    return f"q-{uuid4().hex[:8]}"
