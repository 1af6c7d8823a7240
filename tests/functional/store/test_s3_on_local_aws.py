"""The model store on S3, as the local AWS has it: every claim that memory and directories keep."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.emulated import local_aws
from tests.support.publishing_contract import SharedStoreContract
from tests.support.store_contract import StoreContract
from tests.support.stores import Shared
from wherry.store.objects import Objects
from wherry.store.settings import open_objects


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield told


@pytest.fixture
def bucket(environment: dict[str, str]) -> str:
    """A bucket of the test's own."""
    name = f"wherry-{uuid4().hex[:12]}"
    Session(region_name=environment["AWS_REGION"]).client("s3").create_bucket(Bucket=name)
    return f"s3://{name}/team"


class TestS3(StoreContract):
    @pytest.fixture
    def objects(self, bucket: str, environment: dict[str, str]) -> Objects:
        return open_objects(bucket, environment)


class TestSharedS3(SharedStoreContract):
    @pytest.fixture
    def shared(self, bucket: str, environment: dict[str, str]) -> Shared:
        return Shared(bucket, environment)
