from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.console_asking import Asked


@pytest.fixture(scope="session")
def console() -> Iterator[Asked]:
    with closing(Asked()) as made:
        yield made


@pytest.fixture
def asked(console: Asked) -> Asked:
    return console.anew()
