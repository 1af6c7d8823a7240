"""Children for all the claims of one module: one opens files, one tries what no model should."""

from collections.abc import Iterator

import pytest

from models.preparation.sandbox import Child, Limits


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """It may read and write its own folder, `opener.folder`; what it opens lies there."""
    folder = tmp_path_factory.mktemp("child")
    with Child("tests.support.opens", folder=folder, limits=Limits(cpu_seconds=60)) as child:
        yield child


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """What it is asked to try is in `tests/support/confined.py`."""
    with Child("tests.support.confined", folder=tmp_path_factory.mktemp("child")) as child:
        yield child
