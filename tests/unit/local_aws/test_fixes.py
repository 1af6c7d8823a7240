"""Each fix restores an answer of AWS. They run in MiniStack's own interpreter, once for all."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.emulated import in_ministack

HERE = Path(__file__).parent
DENIED = [400, "InvalidParameterValueException"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What MiniStack answers with the fixes applied."""
    return in_ministack(HERE / "fixes.py", tmp_path_factory.mktemp("ministack"))


def test_a_weighted_alias_splits_as_its_weights_say(told: dict[str, Any]) -> None:
    """0.1 of 4,000, within five standard deviations."""
    assert told["routes"]["versions"] == ["1", "2"]
    assert told["routes"]["candidate"] == pytest.approx(0.1, abs=0.024)


def test_a_direct_invocation_is_split_too(told: dict[str, Any]) -> None:
    assert told["routes"]["invoked"] == pytest.approx(0.1, abs=0.075)


def test_reading_the_configuration_of_an_alias_is_no_invocation(told: dict[str, Any]) -> None:
    assert told["routes"]["read"] == "1"


def test_a_version_is_never_routed_elsewhere(told: dict[str, Any]) -> None:
    assert told["routes"]["pinned"] == "3"


@pytest.mark.parametrize("case", ["too heavy", "unknown", "latest", "three"])
def test_a_routing_that_aws_refuses_is_refused(told: dict[str, Any], case: str) -> None:
    assert told["aliases"]["refused"][case] == DENIED


def test_an_alias_of_an_unknown_version_is_refused(told: dict[str, Any]) -> None:
    assert told["aliases"]["refused"]["no primary"] == [404, "ResourceNotFoundException"]
    assert told["aliases"]["created"] == DENIED


def test_a_routing_that_aws_takes_is_taken(told: dict[str, Any]) -> None:
    assert told["aliases"]["good"] == 200


def test_callers_hear_nothing_of_the_inside_of_a_function_that_failed(told: dict[str, Any]) -> None:
    assert told["failures"] == {"failed": [None, "Internal server error"], "good": "fine"}


def test_a_body_without_a_type_is_bytes_where_every_type_is(told: dict[str, Any]) -> None:
    """As tritonclient sends it: it names none, neither of what it sends nor of what it takes."""
    assert told["media"] == [True, True, True, False]


def test_two_versions_of_one_image_never_share_a_container(told: dict[str, Any]) -> None:
    """They have other variables: the digest of the artifact is one."""
    assert told["environments"]["keys"] == 2


def test_a_function_gets_its_memory_and_a_file_system_as_on_lambda(told: dict[str, Any]) -> None:
    flags = told["environments"]["flags"]

    assert flags["mem_limit"] == "512m"
    assert flags["read_only"] is True
    assert list(flags["tmpfs"]) == ["/tmp"]
    assert flags["cap_drop"] == ["ALL"]
    assert flags["network"] == "host"  # what was asked for stays


def test_an_unknown_image_is_not_found(told: dict[str, Any]) -> None:
    """Or the CDK thinks it is published, and never builds it."""
    assert told["images"][0] == [400, "ImageNotFoundException"]
    assert told["images"][1] == [200, ["imageDetails"]]


def test_calls_are_authorised_by_their_own_names_and_resources(told: dict[str, Any]) -> None:
    access = told["access"]

    assert access["repository"] == "r"
    assert access["one"] == {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}
    assert access["all"] == {"GET": "ListAliases", "POST": "CreateAlias"}
    assert access["function"] == "GetFunction"


def test_a_function_that_is_no_root_can_read_whom_to_trust(told: dict[str, Any]) -> None:
    assert told["machine"]["bundle"] == 0o644


def test_port_443_is_left_alone(told: dict[str, Any]) -> None:
    assert told["machine"]["443"] is False


def test_another_ministack_is_refused_loudly(told: dict[str, Any]) -> None:
    version, function = told["refusals"]

    assert "1.5.34" in version
    assert "service.gone" in function
