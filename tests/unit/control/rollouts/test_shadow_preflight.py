"""Preflight: what a shadow said of the candidate, and which of its comparisons count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_shadows import FakeShadowLines
from tests.support.rollout_store_contract import AT, PLAN, state
from wherry.errors import CloudError, RefusedError
from wherry_control.experiments.agreement import half_width
from wherry_control.functions import FunctionVersion
from wherry_control.judging.verdicts import Judgement
from wherry_control.rollouts.numbers import numbers
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.shadow_preflight import LOOK_BACK, ShadowPreflight
from wherry_control.rollouts.state import State

FUNCTION = "wherry-dev-iris"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MANY = 300
PINNED = (("a", "A"), ("b", "A"), ("b", "A"), ("b", "B"))  # artifact and code, by release


class World:
    """Release 1 is stable, 2 the candidate; 3 has its artifact and code, 4 its artifact alone."""

    def __init__(self) -> None:
        self.functions = FakeLambda(FUNCTION)
        for number, (digest, code) in enumerate(PINNED, 1):
            published = (AT - 3 * DAY).isoformat().replace("+00:00", "+0000")  # as Lambda has it
            version = FunctionVersion(
                str(number),
                code_sha256=code,
                published_at=published,
                environment={"WHERRY_DIGEST": digest},
            )
            self.functions.publish(version)
        self.lines = FakeShadowLines()
        self.checked: list[str] = []
        self._requests = 0

    def compared(self, count: int, same: int = 0, at: datetime = AT - MINUTE, **told: Any) -> None:
        """So many requests, each with one row, that is the same or not; with a label in it."""
        for _ in range(count):
            self._requests += 1
            line = {
                "message": "shadow",
                "of": f"{self._requests:032x}",
                "release": "2",
                "stable_release": "1",
                "rows": 1,
                "same": same,
                "exact": True,
                **told,
            }
            self.lines.write(FUNCTION, at, line)

    def preflight(self, **seams: Any) -> ShadowPreflight:
        told = {"lines": self.lines, "before": self._before, **seams}
        return ShadowPreflight(functions=self.functions, clock=lambda: AT, **told)

    def judged(self, plan: Plan = PLAN, **more: Any) -> Judgement:
        return self.preflight()(plan, state(**more))

    def _before(self, _plan: Plan, told: State) -> None:
        self.checked.append(told.candidate)


@pytest.fixture
def world() -> World:
    return World()


def test_one_that_answers_otherwise_is_refused_with_numbers_and_what_to_do(world: World) -> None:
    world.compared(MANY - 100)
    world.compared(100, same=1)

    told = world.judged()

    assert told.verdict == "roll_back"
    assert told.reason.startswith("shadow: of 300 compared with release 1, 66.7 % differ (")
    assert "allowed 10 %" in told.reason
    assert "`wherry shadow report iris --since 30d`" in told.reason
    assert world.checked == ["2"]


@pytest.mark.parametrize(("count", "same"), [(1, 0), (MANY, 1), (10_000, 1)])
def test_one_that_agrees_or_was_hardly_asked_is_not_refused(
    world: World, count: int, same: int
) -> None:
    world.compared(count, same)

    assert world.judged().verdict == "inconclusive"


def test_too_few_comparisons_are_told_by_their_number(world: World) -> None:
    world.compared(7)

    told = world.judged()

    assert told.readings[0].finding == "open"
    assert told.reason.startswith("shadow: of 7 compared with release 1, 100 % differ")
    assert told.reason.endswith("too few to tell")


def test_enough_that_agree_are_fine_and_promote_nobody(world: World) -> None:
    world.compared(1_000, same=1)

    told = world.judged()

    assert (told.verdict, told.readings[0].finding) == ("inconclusive", "fine")
    assert told.readings[0].high == pytest.approx(half_width(1_000, PLAN.judge.alpha))


def test_where_no_shadow_was_the_ledger_is_told_so(world: World) -> None:
    told = numbers(world.judged())

    assert told["reason"] == "shadow: nothing was compared with release 1"
    assert [each["metric"] for each in told["readings"]] == ["shadow"]
    assert (told["readings"][0]["low"], told["readings"][0]["high"]) == (None, None)


@pytest.mark.parametrize(
    "told",
    [
        {"release": "4"},  # the same artifact, under other code
        {"release": "9"},
        {"stable_release": "2"},
        {"at": AT - 3 * DAY - MINUTE},  # before stable was: of a function that is gone
        {"at": AT + MINUTE},
        {"rows": 0, "same": 0},
    ],
)
def test_what_was_not_compared_with_this_stable_release_does_not_count(
    world: World, told: dict[str, Any]
) -> None:
    world.compared(MANY, **told)

    assert "nothing was compared" in world.judged().reason


@pytest.mark.parametrize("told", [{"exact": False}, {"exact": None}, {"exact": 1}])
def test_fractions_alone_are_told_and_not_judged(world: World, told: dict[str, Any]) -> None:
    """Any retrained regression is off by more than 1 % somewhere; older lines do not tell."""
    world.compared(MANY, error="ModelError", **told)

    judgement = world.judged()

    assert (judgement.verdict, judgement.readings[0].finding) == ("inconclusive", "open")
    assert judgement.reason == (
        "shadow: of 300 compared with release 1, none is known to be more than fractions, "
        "which are not judged; 300 failed"
    )


def test_what_was_exact_is_judged_without_the_fractions(world: World) -> None:
    """A caller may ask for the probabilities alone."""
    world.compared(MANY, exact=False)
    world.compared(MANY, same=1)

    assert "shadow: of 300 compared with release 1, 0 % differ" in world.judged().reason


def test_another_release_of_the_same_artifact_and_code_counts_with_it(world: World) -> None:
    world.compared(50)
    world.compared(50, release="3")

    assert "of 100 compared" in world.judged().reason


def test_a_request_that_was_told_twice_counts_once(world: World) -> None:
    for _ in range(2):
        world.compared(MANY, of="0" * 32)

    assert "of 1 compared" in world.judged().reason


def test_those_that_failed_differ_and_are_told(world: World) -> None:
    world.compared(MANY, error="ModelError")

    told = world.judged()

    assert told.verdict == "roll_back"
    assert "300 failed" in told.reason


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"fix": True}, "shadow: not asked, as release 1 is broken"),
        ({"stable": "2"}, "shadow: not asked, as there is no other release"),
    ],
)
def test_where_stable_is_no_measure_nobody_looks(
    world: World, more: dict[str, Any], said: str
) -> None:
    world.compared(MANY, stable_release="1")
    world.compared(MANY, stable_release="2")

    assert (world.judged(**more).verdict, world.judged(**more).reason) == ("inconclusive", said)


def test_a_log_that_cannot_be_read_is_no_verdict_on_the_candidate(world: World) -> None:
    def lines(*_given: Any) -> Any:
        raise CloudError("/aws/lambda/wherry-dev-iris", "AWS limits these requests for now")

    with pytest.raises(CloudError, match="limits"):
        world.preflight(lines=lines)(PLAN, state())


def test_one_that_fails_its_golden_examples_is_refused_for_that(world: World) -> None:
    def before(_plan: Plan, _state: State) -> None:
        raise RefusedError("release 2", "a wrong label")

    world.compared(MANY)

    with pytest.raises(RefusedError, match="a wrong label"):
        world.preflight(before=before)(PLAN, state())


@pytest.mark.parametrize("published", ["", "somewhen", "2026-11-19T00:00:00"])
def test_whatever_lambda_says_of_its_age_the_log_is_not_read_for_ever(published: str) -> None:
    asked: list[datetime] = []
    functions = FakeLambda(FUNCTION)
    functions.publish(FunctionVersion("1", published_at=published))

    def lines(function: str, since: datetime, until: datetime) -> list[Any]:
        assert (function, until) == (FUNCTION, AT)
        asked.append(since)
        return []

    check = ShadowPreflight(
        before=lambda *_: None, functions=functions, lines=lines, clock=lambda: AT
    )
    check(PLAN, state())

    expected = datetime(2026, 11, 19, tzinfo=UTC) if published[:2] == "20" else AT - LOOK_BACK
    assert asked == [expected]
