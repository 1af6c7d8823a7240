"""The report: what it says of experiments that went well, went wrong, or have hardly begun."""

from datetime import timedelta

import pytest

from tests.support.outcomes_fakes import AT, DAY, FakeOutcomes, exposed, told
from wherry_control.experiments.report import LOWER, VALUE, Asked, Report
from wherry_control.experiments.reporting import report_of

SHARES = {"forest": 50.0, "linear": 50.0}


def asked(**given: object) -> Asked:
    """Two halves, judged by clicks; give what is otherwise."""
    about = {"model": "iris", "experiment": "forest-or-linear", "metric": "clicked"}
    return Asked(**{**about, "shares": SHARES, "control": "forest", **given})  # type: ignore[arg-type]


def report(arms: dict[str, tuple[int, int]], asking: Asked | None = None) -> Report:
    """Of each arm so many subjects, the first so many of whom clicked."""
    outcomes, number = FakeOutcomes(), 0
    for arm, (subjects, clicks) in arms.items():
        outcomes.expose(exposed(number + each, arm) for each in range(subjects))
        outcomes.tell(told(number + each) for each in range(clicks))
        number += subjects
    return report_of(outcomes, asking or asked(), AT, AT + DAY)


def test_a_difference_is_told_with_its_bounds() -> None:
    found = report({"forest": (1_000, 200), "linear": (1_000, 400)})

    (verdict,) = found.verdict
    assert verdict == (
        "linear is better than forest by 20 points (13 to 27): this holds however often you look."
    )
    assert found.comparisons[0].lift == pytest.approx(1.0)
    assert found.is_share


def test_where_less_is_better_more_is_worse() -> None:
    found = report({"forest": (1_000, 200), "linear": (1_000, 400)}, asked(better=LOWER))

    assert found.verdict[0].startswith("linear is worse than forest by 20 points")


def test_no_difference_yet_says_how_many_more_would_show_one() -> None:
    found = report({"forest": (1_000, 200), "linear": (1_000, 210)})

    (verdict,) = found.verdict
    assert verdict == (
        "No difference between linear and forest is shown yet (-4.7 to 6.7 points). "
        "About 5,600 more subjects would show one of 2.8 points."
    )


def test_a_comparison_begins_with_a_hundred_subjects_each() -> None:
    found = report({"forest": (120, 20), "linear": (99, 21)})

    assert found.comparisons[0].interval is None
    (verdict,) = found.verdict
    assert verdict == (
        "It is too early to compare linear and forest: 99 and 120 subjects so far, "
        "and 100 of each it takes."
    )


def test_a_wrong_split_comes_before_all_that_is_not_to_be_trusted() -> None:
    found = report({"forest": (1_100, 200), "linear": (800, 400)})

    assert found.split.wrong
    assert found.verdict[0] == (
        "The split is not what was asked: 1,100 to 800 subjects where 50/50 was asked; "
        "do not trust the rest."
    )
    assert len(found.verdict) == 2


def test_shares_are_of_any_sum() -> None:
    found = report(
        {"forest": (900, 0), "linear": (100, 0)}, asked(shares={"forest": 9, "linear": 1})
    )

    assert [arm.share for arm in found.arms] == [0.9, 0.1]
    assert not found.split.wrong


def test_an_arm_without_a_share_is_no_part_of_the_split() -> None:
    """As one that was turned off, with subjects from before."""
    shares = {"forest": 50, "linear": 50, "old": 0}
    found = report({"forest": (500, 9), "linear": (500, 9), "old": (300, 9)}, asked(shares=shares))

    assert not found.split.wrong
    assert [each.arm for each in found.comparisons] == ["linear", "old"]


def test_more_arms_make_each_interval_wider() -> None:
    """All of them together keep the same chance of a false word."""
    two = report({"forest": (500, 50), "linear": (500, 50)}).comparisons[0]
    shares = {"forest": 1, "linear": 1, "boosted": 1}
    arms = {"forest": (500, 50), "linear": (500, 50), "boosted": (500, 50)}
    three = report(arms, asked(shares=shares)).comparisons[0]

    assert two.interval
    assert three.interval
    assert three.interval.high > two.interval.high


def test_of_a_rate_nothing_told_is_nothing_and_of_a_value_it_is_left_out() -> None:
    arms = {"forest": (200, 50), "linear": (200, 100)}

    rate, value = report(arms), report(arms, asked(kind=VALUE))

    assert [(arm.counted, arm.mean) for arm in rate.arms] == [(200, 0.25), (200, 0.5)]
    assert [(arm.counted, arm.mean) for arm in value.arms] == [(50, 1.0), (100, 1.0)]


def test_a_subject_has_one_value_however_often_it_asked() -> None:
    """A rate sums what was told of it, a value takes the mean."""
    outcomes, subject = FakeOutcomes(), "5" * 16
    outcomes.expose([exposed(1, "forest", subject=subject), exposed(2, "forest", subject=subject)])
    outcomes.tell([told(1, 4), told(2, 5)])

    means = [
        report_of(outcomes, asked(kind=kind), AT, AT + DAY).arms[0].mean for kind in ("rate", VALUE)
    ]

    assert means == [9, 4.5]


def test_values_beyond_one_are_no_points() -> None:
    outcomes = FakeOutcomes()
    outcomes.expose(exposed(n, "forest" if n % 2 else "linear") for n in range(400))
    outcomes.tell(told(n, 5 + n % 2 + n % 3) for n in range(400))

    found = report_of(outcomes, asked(), AT, AT + DAY)

    assert not found.is_share
    assert found.verdict[0].startswith("linear is worse than forest by 1.0 (")


def test_subjects_of_two_arms_are_in_neither_and_told_of() -> None:
    outcomes = FakeOutcomes()
    outcomes.expose(exposed(n, "forest") for n in range(10))
    outcomes.expose(exposed(n, "linear", subject=f"{n - 10:016x}") for n in range(10, 13))

    found = report_of(outcomes, asked(), AT, AT + DAY)

    assert found.moved == 3
    assert [arm.subjects for arm in found.arms] == [7, 0]
    assert found.notes[0].startswith("3 subjects seen in two arms")


def test_an_experiment_that_nobody_was_in_says_so() -> None:
    found = report({})

    assert found.verdict == ("Nobody has been in this experiment yet.",)
    assert not found.split.wrong


def test_each_day_has_the_interval_of_the_subjects_that_had_come_by_then() -> None:
    outcomes = FakeOutcomes()
    for day in range(3):
        numbers = range(day * 300, day * 300 + 300)
        at = AT + timedelta(days=day)
        outcomes.expose(exposed(n, "forest" if n % 2 else "linear", at) for n in numbers)
        outcomes.tell(told(n, at=at) for n in numbers if n % 5 == 0)

    (comparison,) = report_of(outcomes, asked(), AT, AT + 3 * DAY).comparisons

    widths = [each.interval.high - each.interval.low for each in comparison.days]
    assert [each.day.day for each in comparison.days] == [20, 21, 22]
    assert widths == sorted(widths, reverse=True)
    assert comparison.days[-1].interval == comparison.interval


@pytest.mark.parametrize(
    ("line", "note"),
    [
        (exposed(1, "forest", subject=""), "1 prediction without a subject"),
        (told(77), "1 prediction told of, but made at another time"),
        (exposed(1, "gone"), "Arms that the experiment no longer has, left out: gone."),
    ],
)
def test_what_is_left_out_is_told(line: dict[str, object], note: str) -> None:
    outcomes = FakeOutcomes()
    outcomes.expose([line])
    outcomes.tell([line])

    (found,) = report_of(outcomes, asked(), AT, AT + DAY).notes
    assert found.startswith(note)
