"""A local AWS for a module of tests of the queue's worker."""

from collections.abc import Iterator

import pytest
from boto3 import Session

from tests.support.emulated import local_aws


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield Session(region_name=told["AWS_REGION"])
