"""What the state machine may ask of the batch function."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.support.queues import PINNED, services_of
from tests.support.services import service_of
from wherry.batch.actions import Actions, Asked, serving
from wherry.errors import UsageError
from wherry.pinned import Fixed, Pinned, Share

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


STABLE, CANDIDATE = Pinned("7", 3, "sha256:stable"), Pinned("8", 4, "sha256:candidate")
SHARES = (Share(STABLE, 0.9), Share(CANDIDATE, 0.1))
ASKED = {"input": "s3://bucket/in", "output": "s3://bucket/out"}


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({}, STABLE),
        ({"version": 3}, STABLE),
        ({"version": 4}, CANDIDATE),
        ({"release": "8"}, CANDIDATE),
        ({"version": 4, "release": "8"}, CANDIDATE),
    ],
)
def test_what_serves_answers_if_it_is_what_is_asked_for(
    told: dict[str, Any], wanted: Pinned
) -> None:
    assert serving(msgspec.convert({**ASKED, **told}, Asked), SHARES) == wanted


@pytest.mark.parametrize("told", [{"version": 2}, {"release": "6"}, {"version": 3, "release": "8"}])
def test_another_version_than_asked_for_never_answers(told: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"does not serve.*Tell its `digest`, too"):
        serving(msgspec.convert({**ASKED, **told}, Asked), SHARES)


@pytest.mark.parametrize("told", [{"optoins": {}}, {"options": {"idd": "x"}}, {"Version": 3}])
def test_a_mistyped_word_is_told(told: dict[str, Any]) -> None:
    actions = Actions(
        "tiny", services_of(service_of()), lambda: Fixed(PINNED), {}, lambda: datetime.now(UTC)
    )

    with pytest.raises(UsageError, match="unknown field `"):
        actions.do({"do": "plan", **ASKED, **told})


def test_a_state_machine_that_another_one_starts_is_told_by_which_one() -> None:
    actions = Actions(
        "tiny", services_of(service_of()), lambda: Fixed(PINNED), {}, lambda: datetime.now(UTC)
    )
    told = {"do": "plan", **ASKED, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn:aws:…"}

    with pytest.raises(UsageError, match="is no place in S3"):  # it went on to look at the places
        actions.do({**told, "input": "/var/task"})
