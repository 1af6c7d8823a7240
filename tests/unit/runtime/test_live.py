"""What is live, as the alias says it, and how often AWS is asked for it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.alias_contract import Clock, Failing, LiveContract, variables
from wherry.aws.live import FRESH, LambdaLive


class FakeAws:
    """An alias and versions in dictionaries, behind the two calls of boto3's client."""

    def __init__(self) -> None:
        self.client = self
        self._versions: dict[tuple[str, str], dict[str, str]] = {}
        self._aliases: dict[str, dict[str, Any]] = {}

    def release(self, function: str, variables: dict[str, str]) -> str:
        version = str(1 + len(self._versions))
        self._versions[function, version] = variables
        return version

    def point(self, function: str, stable: str, weights: dict[str, float]) -> None:
        told: dict[str, Any] = {"FunctionVersion": stable}
        if weights:
            told["RoutingConfig"] = {"AdditionalVersionWeights": weights}
        self._aliases[function] = told

    def get_alias(self, **asked: str) -> dict[str, Any]:
        if asked["FunctionName"] not in self._aliases or asked["Name"] != "live":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetAlias")
        return self._aliases[asked["FunctionName"]]

    def get_function_configuration(self, **asked: str) -> dict[str, Any]:
        found = self._versions[asked["FunctionName"], asked["Qualifier"]]
        return {"Environment": {"Variables": found}} if found else {}


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


class TestFakeAws(LiveContract):
    pass


def test_a_version_is_asked_for_once_and_the_alias_once_a_minute(aws: FakeAws) -> None:
    aws.point("f", aws.release("f", variables(3, "a")), {})
    clock, counting = Clock(), Failing(aws)
    live = LambdaLive(counting, "f", clock)

    for _ in range(10):
        live.shares()
        clock.seconds += FRESH / 2

    assert counting.asked == ["get_alias", "get_function_configuration", *["get_alias"] * 4]


def test_an_alias_that_names_an_unreadable_candidate_is_not_half_told(aws: FakeAws) -> None:
    stable = aws.release("f", variables(3, "a"))
    aws.point("f", stable, {})
    clock = Clock()
    live = LambdaLive(aws, "f", clock)
    told = live.shares()
    aws.point("f", stable, {aws.release("f", {}): 0.5})

    clock.seconds += FRESH
    assert live.shares() == told
