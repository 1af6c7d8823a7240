"""Evidence of rollouts, told minute by minute."""

import pytest

from tests.support.rollout_evidence import Sources


@pytest.fixture
def sources() -> Sources:
    return Sources()
