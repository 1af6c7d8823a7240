"""What the state machine may ask of the batch function."""

from datetime import UTC, datetime

import pytest

from tests.support.queues import PINNED, services_of
from tests.support.services import service_of
from wherry.batch.actions import Actions
from wherry.errors import UsageError
from wherry.pinned import Fixed

PLACES = ("/var/task", "file:///var/task", "S3://bucket/in", "")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", ["input", "output"])
def test_the_functions_own_disk_is_no_place_of_a_run(key: str, place: str) -> None:
    actions = Actions(
        "tiny", services_of(service_of()), lambda: Fixed(PINNED), {}, lambda: datetime.now(UTC)
    )
    asked = {"input": "s3://bucket/in", "output": "s3://bucket/out", key: place}

    with pytest.raises(UsageError, match="is no place in S3"):
        actions.do({"do": "plan", **asked})
