"""The rules of a rollout, on data alone."""

import math

import pytest

from wherry.errors import RefusedError, UsageError
from wherry_control.functions import LATEST, Live, Traffic
from wherry_control.releases import Release
from wherry_control.rollout import (
    Observed,
    plan_abort,
    plan_promote,
    plan_rollback,
    plan_set,
)


def release(name: str, *, role: str = "role", dead_letter: str = "") -> Release:
    return Release(
        release=name,
        model_version=int(name),
        digest=f"sha256:{name:0>64}",
        code_sha256="code",
        description="",
        published_at="",
        role=role,
        dead_letter=dead_letter,
    )


def observed(traffic: Traffic | None = None, *releases: Release) -> Observed:
    known = releases or (release("1"), release("2"), release("3"))
    return Observed("iris", Live(traffic or Traffic("1"), "revision-7"), known)


def test_the_newest_release_is_the_candidate_unless_one_is_named() -> None:
    assert plan_set(observed(), 10).after == Traffic("1", "3", 10)
    assert plan_set(observed(), 10, "2").after == Traffic("1", "2", 10)


def test_a_release_on_trial_stays_the_candidate_when_a_newer_one_was_deployed() -> None:
    assert plan_set(observed(Traffic("1", "2", 10)), 50).after == Traffic("1", "2", 50)


def test_a_change_carries_the_revision_it_was_decided_on_and_the_release_to_check() -> None:
    change = plan_set(observed(), 10)

    assert change.revision == "revision-7"
    assert change.check == release("3")


@pytest.mark.parametrize("weight", [-0.1, 100.1, math.nan, math.inf, -math.inf])
def test_a_weight_outside_0_to_100_is_wrong_usage(weight: float) -> None:
    with pytest.raises(UsageError, match="0 to 100"):
        plan_set(observed(), weight)


def test_a_weight_has_as_many_digits_as_aws_is_asked_for() -> None:
    """Else the alias never is where it was sent, and a move seems to be somebody else's."""
    assert plan_set(observed(), 100 / 3).after == Traffic("1", "3", 33.333333)


@pytest.mark.parametrize("weight", [0, 0.5, 100])
def test_both_ends_and_fractions_of_a_percent_are_weights(weight: float) -> None:
    assert plan_set(observed(), weight).after.weight == weight


def test_latest_is_never_served() -> None:
    with pytest.raises(UsageError, match="never served"):
        plan_set(observed(), 10, LATEST)


def test_an_unknown_release_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no release 9\. The releases here are: 1, 2, 3\."):
        plan_set(observed(), 10, "9")


def test_the_stable_release_cannot_be_its_own_candidate() -> None:
    with pytest.raises(UsageError, match="its own candidate"):
        plan_set(observed(Traffic("3")), 10, "3")


def test_with_the_newest_release_live_there_is_nothing_to_try() -> None:
    """Nothing was typed wrong, so the answer is a refusal and not wrong usage."""
    with pytest.raises(RefusedError, match="newest"):
        plan_set(observed(Traffic("3")), 10)


def test_a_second_candidate_is_refused_while_one_is_on_trial() -> None:
    with pytest.raises(RefusedError, match="two releases at most"):
        plan_set(observed(Traffic("1", "2", 10)), 10, "3")


@pytest.mark.parametrize("other", [{"role": "another"}, {"dead_letter": "queue"}])
def test_releases_that_lambda_cannot_split_between_are_refused(other: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="one alias cannot serve both"):
        plan_set(observed(None, release("1"), release("2", **other)), 10)


def test_setting_what_is_already_so_changes_nothing() -> None:
    assert not plan_set(observed(Traffic("1", "2", 10)), 10).is_needed


def test_promote_gives_the_candidate_all_traffic_after_a_check() -> None:
    change = plan_promote(observed(Traffic("1", "2", 50)))

    assert change.after == Traffic("2")
    assert change.check == release("2")


def test_promote_without_a_candidate_is_refused() -> None:
    with pytest.raises(RefusedError, match="no candidate"):
        plan_promote(observed())


def test_abort_drops_the_candidate_and_needs_no_check_and_no_releases() -> None:
    bare = Observed("iris", Live(Traffic("1", "2", 50), "revision-7"))

    change = plan_abort(bare)

    assert change.after == Traffic("1")
    assert change.check is None


def test_at_rest_rollback_goes_to_the_release_promoted_before() -> None:
    assert plan_rollback(observed(Traffic("3")), ("1", "2", "3")).after == Traffic("2")


@pytest.mark.parametrize("path", [(), ("1",)])
def test_rollback_is_refused_when_nothing_was_live_before(path: tuple[str, ...]) -> None:
    with pytest.raises(RefusedError, match="no release that was live before"):
        plan_rollback(observed(), path)


def test_rollback_to_a_release_that_is_gone_is_refused() -> None:
    with pytest.raises(RefusedError, match="no longer exists"):
        plan_rollback(observed(Traffic("3"), release("3")), ("2", "3"))
