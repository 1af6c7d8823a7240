"""The store of rollouts: its contract on the fake, and what its JSON refuses."""

import pytest

from tests.support.rollout_store import FakeRollouts
from tests.support.rollout_store_contract import PLAN, RolloutStoreContract, full
from wherry.errors import CloudError
from wherry_control.rollouts.codec import decoded, encoded
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State


class TestFakeRollouts(RolloutStoreContract):
    @pytest.fixture
    def store(self) -> FakeRollouts:
        return FakeRollouts()


def test_json_of_a_plan_and_a_state_is_their_inverse() -> None:
    assert decoded("", encoded(PLAN), Plan) == PLAN
    assert decoded("", encoded(full("iris")), State) == full("iris")


@pytest.mark.parametrize(
    "text", ["", "{}", encoded(full("iris")).replace('"held"', '"lost"'), encoded(PLAN)]
)
def test_what_is_no_state_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(CloudError, match="rollout of iris: it was kept by another Wherry"):
        decoded("rollout of iris", text, State)
