"""A child that opens files, for all the claims of one module: each asks it once."""

from collections.abc import Iterator

import pytest

from models.preparation.sandbox import Child, Limits


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """It may read and write its own folder, `opener.folder`; what it opens lies there."""
    folder = tmp_path_factory.mktemp("child")
    with Child("tests.support.opens", folder=folder, limits=Limits(cpu_seconds=60)) as child:
        yield child
