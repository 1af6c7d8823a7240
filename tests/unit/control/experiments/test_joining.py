"""Outcomes joined: what counts, what is left out, and that no order of delivery matters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.outcomes_fakes import AT, DAY, FakeOutcomes, exposed, predicted, told
from wherry_control.evidence.counts import Moments
from wherry_control.experiments.joining import Joined, ReleaseOutcomes, subjects_of
from wherry_control.experiments.report import Asked
from wherry_control.experiments.reporting import report_of

ASKED = Asked(
    model="iris",
    experiment="forest-or-linear",
    metric="clicked",
    shares={"forest": 50, "linear": 50},
    control="forest",
)
SECOND = timedelta(seconds=1)


def delivered(*batches: Sequence[dict[str, Any]]) -> FakeOutcomes:
    """A store that was given each batch whole, as the roll-up gives it."""
    outcomes = FakeOutcomes()
    for batch in batches:
        outcomes.expose(batch)
        outcomes.tell(batch)
    return outcomes


def joined(*lines: dict[str, Any]) -> Joined:
    return subjects_of(delivered(lines), ASKED, AT, AT + DAY)


def test_outcomes_of_a_subject_are_summed_over_its_predictions() -> None:
    subject = "5" * 16
    found = joined(
        exposed(1, "forest", subject=subject),
        exposed(2, "forest", AT + SECOND, subject=subject),
        told(1, 1),
        told(2, 0.5),
    )

    unit = found.units[subject]
    assert (unit.arm, unit.predictions, unit.moved) == ("forest", 2, False)
    assert unit.outcomes == Moments.of(1) + Moments.of(0.5)


def test_a_subject_is_of_the_day_on_which_it_came_first() -> None:
    """Whatever is read first."""
    subject = "5" * 16
    days = [exposed(n, "forest", AT + n * DAY, subject=subject) for n in (3, 1, 2)]
    found = subjects_of(delivered(days), ASKED, AT, AT + 9 * DAY)

    assert found.units[subject].day == (AT + DAY).date()


def test_the_first_outcome_of_a_prediction_counts_by_its_own_time() -> None:
    """Not the one that was delivered first."""
    found = joined(exposed(1, "forest"), told(1, 0, at=AT + 2 * SECOND), told(1, 1, at=AT + SECOND))

    assert found.units[f"{1:016x}"].outcomes == Moments.of(1)
    assert found.repeated == 1


def test_feedback_that_comes_weeks_later_counts() -> None:
    found = joined(exposed(1, "forest"), told(1, at=AT + 40 * DAY))

    assert found.units[f"{1:016x}"].outcomes.count == 1


def test_feedback_about_a_prediction_that_nobody_knows_is_counted_apart() -> None:
    found = joined(exposed(1, "forest"), told(2), told(2, 0), told(3, at=AT + 2 * DAY))

    assert found.unknown == 1
    assert found.units[f"{1:016x}"].outcomes.count == 0


def test_a_subject_seen_in_two_arms_is_marked() -> None:
    subject = "5" * 16
    found = joined(exposed(1, "forest", subject=subject), exposed(2, "linear", subject=subject))

    assert found.units[subject].moved


def test_predictions_outside_the_experiment_are_no_exposure_to_it() -> None:
    found = joined(predicted(1), exposed(2, "forest", experiment="another"), told(1), told(2))

    assert not found.units
    assert not found.unknown


def test_a_prediction_without_a_subject_is_one_of_its_own() -> None:
    found = joined(exposed(1, "forest", subject=""), exposed(2, "forest", subject=None))

    assert len(found.units) == found.anonymous == 2


def test_other_metrics_are_named_and_not_mixed_in() -> None:
    found = joined(exposed(1, "forest"), told(1, 5, "stars"))

    assert found.others == {"stars"}
    assert found.units[f"{1:016x}"].outcomes.count == 0


def test_a_rollout_has_the_outcomes_of_each_release_by_metric() -> None:
    """Each prediction by itself, with an arm and without; those of other releases are left out."""
    outcomes = delivered(
        [
            predicted(1),
            exposed(2, "forest"),
            predicted(3, release="8"),
            predicted(4, release="6"),
            predicted(5, AT - DAY),
        ],
        [told(number, number) for number in (1, 2, 3, 4, 5)],
        [told(3, 0.5, "liked")],
    )

    ranges = {"clicked": (0.0, 5.0), "liked": (0.0, 1.0)}
    found = ReleaseOutcomes(outcomes)("iris", ["7", "8", "9"], AT, AT + DAY, ranges)

    assert found == {
        "7": {"clicked": Moments.of(1) + Moments.of(2)},
        "8": {"clicked": Moments.of(3), "liked": Moments.of(0.5)},
        "9": {},
    }


def test_what_anybody_may_tell_weighs_no_more_than_an_outcome_can() -> None:
    """One value of a thousand million, told by one caller, kept a rollout undecided for good."""
    outcomes = delivered(
        [predicted(1), predicted(2), predicted(3)],
        [told(1, 1e9), told(2, -1e9), told(3, 0.25)],
        [told(1, 1, "another")],
    )

    found = ReleaseOutcomes(outcomes)("iris", ["7"], AT, AT + DAY, {"clicked": (0.0, 1.0)})

    assert found == {"7": {"clicked": Moments.of(1) + Moments.of(0) + Moments.of(0.25)}}


LINES = [
    *(exposed(n, "forest" if n % 2 else "linear", AT + n * SECOND) for n in range(24)),
    *(exposed(n, "linear", AT + n * SECOND, subject=f"{n - 24:016x}") for n in range(24, 30)),
    *(told(n, n % 3, at=AT + n * 2 * SECOND) for n in range(0, 34, 2)),
    *(told(n, n % 2, at=AT + n * 3 * SECOND) for n in range(0, 30, 3)),
]
KNOWN = report_of(delivered(LINES), ASKED, AT, AT + DAY)


@settings(max_examples=40)
@given(order=st.permutations(LINES), again=st.lists(st.sampled_from(LINES)), size=st.integers(1, 9))
def test_no_order_of_delivery_and_no_second_delivery_changes_the_report(
    order: list[dict[str, Any]], again: list[dict[str, Any]], size: int
) -> None:
    """Feedback before its exposure, doubled lines, lines in any batches."""
    lines = [*order, *again]
    batches = [lines[start : start + size] for start in range(0, len(lines), size)]

    assert report_of(delivered(*batches), ASKED, AT, AT + DAY) == KNOWN


def test_that_report_is_about_something() -> None:
    """Or the test above would compare nothing."""
    assert [arm.subjects for arm in KNOWN.arms] == [9, 12]
    assert all(arm.mean for arm in KNOWN.arms)
    assert (KNOWN.moved, KNOWN.unknown, KNOWN.repeated) == (3, 2, 4)
