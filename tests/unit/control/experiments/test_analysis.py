"""The analysis on numbers that can be checked by hand or by another's code."""

import math

import pytest

from wherry_control.evidence.counts import Moments
from wherry_control.experiments.analysis import (
    FEWEST,
    MOST,
    TIGHTEST,
    compare,
    needed,
    split_evidence,
)

ALPHA = 0.05


def shares(count: int, hits: int) -> Moments:
    """So many subjects, so many of them with 1 and the others with 0."""
    return Moments(count, 1_000 * hits, 1_000_000 * hits)


def test_the_interval_is_the_papers() -> None:
    """Waudby-Smith et al., written out for the difference of two means."""
    control, arm = shares(3_000, 1_500), shares(2_000, 1_000)
    rho = math.sqrt((-2 * math.log(ALPHA) + math.log(1 - 2 * math.log(ALPHA))) / TIGHTEST)
    t, variance = 5_000, 0.25 * (1 / 3_000 + 1 / 2_000)
    sigma = math.sqrt(t * variance)
    half = sigma * math.sqrt(
        2 * (t * rho**2 + 1) / (t**2 * rho**2) * math.log(math.sqrt(t * rho**2 + 1) / ALPHA)
    )

    interval = compare(control, arm, ALPHA)

    assert interval is not None
    assert interval.difference == 0
    assert interval.high == pytest.approx(half, rel=1e-3)
    assert interval.low == -interval.high


def test_an_interval_takes_a_number_of_subjects_in_both_arms() -> None:
    few, many = shares(FEWEST - 1, 50), shares(100_000, 50_000)

    assert compare(few, many, ALPHA) is None
    assert compare(many, few, ALPHA) is None


def test_subjects_that_are_all_alike_show_nothing() -> None:
    """A variance of 0 would make a difference of 0 sure."""
    assert compare(shares(1_000, 0), shares(1_000, 0), ALPHA) is None


def test_an_arm_in_which_nothing_happened_yet_does_not_pass_for_sure() -> None:
    """Its own variance is 0; that of both arms is not."""
    interval = compare(shares(100_000, 500), shares(FEWEST, 0), ALPHA)

    assert interval is not None
    assert not interval.shows


def test_surer_is_wider_and_more_subjects_are_narrower() -> None:
    def width(count: int, alpha: float) -> float:
        found = compare(shares(count, count // 2), shares(count, count // 2), alpha)
        assert found is not None
        return found.high - found.low

    assert width(1_000, 0.01) > width(1_000, 0.05) > width(10_000, 0.05)


def test_as_many_subjects_as_are_said_to_be_needed_show_the_effect() -> None:
    control, arm, effect = shares(500, 50), shares(450, 45), 0.02

    factor = 1 + needed(control, arm, ALPHA, effect) / 950

    one = shares(round(500 * factor), round(50 * factor))
    other = shares(round(450 * factor), round(45 * factor))
    interval = compare(one, other, ALPHA)
    assert interval is not None
    assert interval.high == pytest.approx(effect, rel=0.01)


def test_an_effect_that_nobody_can_show_needs_the_most() -> None:
    assert needed(shares(500, 50), shares(450, 45), ALPHA, 1e-9) == MOST


def test_the_evidence_of_a_split_is_the_ratio_of_its_likelihoods() -> None:
    """One subject is as likely under any prior that has the shares for its mean; two are not."""
    assert split_evidence((1, 0), (0.3, 0.7)) == pytest.approx(0)
    same = (300 + 1) / (1_000 + 1) / 0.3  # the second comes to the first arm, by Polya's urn
    assert split_evidence((2, 0), (0.3, 0.7)) == pytest.approx(math.log(same))


def test_splits_of_many_arms_are_judged_together() -> None:
    asked = (0.5, 0.3, 0.2)

    assert split_evidence((5_000, 3_000, 2_000), asked) < 0
    assert split_evidence((5_000, 2_600, 2_400), asked) > math.log(100)
