"""Evidence on the local AWS: its stores keep their contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.emulated import local_aws, new_table
from tests.support.evidence_contract import EvidenceContract, PlatformContract
from wherry_control.evidence.cloudwatch import CloudWatchPlatform
from wherry_control.evidence.dynamo import DynamoEvidence


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session with a local AWS of its own."""
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield Session(region_name=told["AWS_REGION"])


@pytest.fixture(scope="module")
def evidence_table(session: Session) -> str:
    return new_table(session.client("dynamodb"), "slot", name="wherry-dev-evidence")


class TestDynamoEvidence(EvidenceContract):
    @pytest.fixture
    def evidence(self, session: Session, evidence_table: str) -> DynamoEvidence:
        return DynamoEvidence(session.client("dynamodb"), evidence_table)


@dataclass(frozen=True)
class Published:
    """Metrics as Lambda publishes them, put there by hand."""

    client: Any
    function: str

    @property
    def platform(self) -> CloudWatchPlatform:
        return CloudWatchPlatform(self.client)

    def count(self, at: datetime, release: str, invocations: int, errors: int) -> None:
        dimensions = {
            "FunctionName": self.function,
            "Resource": f"{self.function}:live",
            "ExecutedVersion": release,
        }
        self.client.put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
                    "Timestamp": at,
                    "Value": value,
                }
                for name, value in (("Invocations", invocations), ("Errors", errors))
            ],
        )


class TestCloudWatchPlatform(PlatformContract):
    @pytest.fixture
    def counted(self, session: Session) -> Published:
        return Published(session.client("cloudwatch"), f"wherry-dev-m{uuid4().hex[:8]}")
