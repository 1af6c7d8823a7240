"""What is fast keeps the contracts that the local AWS keeps (test_evidence_on_local_aws.py)."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tests.support.evidence_contract import EvidenceContract, PlatformContract
from tests.support.evidence_fakes import FakeEvidence, FakePlatform
from wherry_control.evidence.sources import Invoked


class TestFakeEvidence(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> FakeEvidence:
        return FakeEvidence()


@dataclass
class Counting:
    platform: FakePlatform = field(default_factory=FakePlatform)
    function: str = "wherry-dev-iris"

    def count(self, at: datetime, release: str, invocations: int, errors: int) -> None:
        self.platform.counted.append((self.function, Invoked(at, release, invocations, errors)))


class TestFakePlatform(PlatformContract):
    @pytest.fixture
    def counted(self) -> Counting:
        return Counting()
