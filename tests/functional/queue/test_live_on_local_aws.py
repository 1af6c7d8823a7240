"""`LambdaLive` tells of a real alias what it tells of the fake."""

from typing import Any

import pytest
from boto3 import Session

from tests.support.alias_contract import LiveContract
from tests.support.queue_aws import release


class RealAws:
    def __init__(self, client: Any) -> None:
        self.client = client

    def release(self, function: str, variables: dict[str, str]) -> str:
        return release(self.client, function, variables)

    def point(self, function: str, stable: str, weights: dict[str, float]) -> None:
        told = {"FunctionName": function, "Name": "live", "FunctionVersion": stable}
        routing = {"AdditionalVersionWeights": weights}
        try:
            self.client.update_alias(**told, RoutingConfig=routing)
        except self.client.exceptions.ResourceNotFoundException:
            self.client.create_alias(**told, RoutingConfig=routing)


class TestRealAws(LiveContract):
    @pytest.fixture
    def aws(self, session: Session) -> RealAws:
        return RealAws(session.client("lambda"))
