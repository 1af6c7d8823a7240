"""A rollback at rest, while somebody else starts a trial."""

from datetime import UTC, datetime

import pytest

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_ledger import FakeLedger
from tests.support.ledger_contract import entry
from wherry.errors import ConflictError
from wherry_control.controller import Rollouts
from wherry_control.functions import FunctionVersion, Live, Traffic

FUNCTION = "wherry-dev-iris"


class TrialMeanwhile(FakeLambda):
    """Release 2 has all traffic; right after the first look, 3 gets a tenth of it."""

    looked = False

    def live(self, function: str) -> Live:
        if self.looked:
            return super().live(function)
        self.looked = True
        seen = self.move(function, Traffic("2"), revision="revision-0")
        self.move(function, Traffic("2", "3", 10), revision=seen.revision)
        return seen


def test_a_trial_that_starts_meanwhile_is_a_conflict() -> None:
    """What was decided at rest is not done to another alias: stable would go with the trial."""
    functions, ledger = TrialMeanwhile(FUNCTION), FakeLedger()
    for number in ("1", "2", "3"):
        functions.publish(FunctionVersion(number))
    ledger.append(entry(action="found", after=Traffic("1")))
    ledger.append(entry(action="promote", after=Traffic("2")))
    controller = Rollouts(
        functions=functions,
        ledger=ledger,
        check=lambda _model, _function, _release: None,
        function="wherry-dev-{}".format,
        clock=lambda: datetime(2026, 11, 20, tzinfo=UTC),
    )

    with pytest.raises(ConflictError, match="candidate 3 10 %; nothing was changed"):
        controller.rollback("iris")

    assert functions.live(FUNCTION).traffic == Traffic("2", "3", 10)
