"""How alpha is split."""

from math import exp

import pytest

from wherry_control.judging.levels import (
    ERRORS,
    OUTCOME,
    OUTPUTS,
    PLATFORM,
    REFUSALS,
    SHARES,
    SLOW,
    fine_from,
    split_from,
    worse_from,
)
from wherry_control.judging.settings import JudgeSettings

PLAIN = JudgeSettings(alpha=0.05)
WITH_OUTCOME = JudgeSettings(alpha=0.05, outcome="clicked")


def test_the_table_is_all_of_alpha() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("settings", "metrics", "alone"),
    [
        (PLAIN, (ERRORS, SLOW, OUTPUTS, PLATFORM, REFUSALS), False),
        (WITH_OUTCOME, (ERRORS, SLOW, OUTPUTS, PLATFORM, REFUSALS, OUTCOME), False),
        (WITH_OUTCOME, (ERRORS, SLOW), True),
    ],
)
def test_the_metrics_in_play_spend_alpha_together(
    settings: JudgeSettings, metrics: tuple[str, ...], *, alone: bool
) -> None:
    spent = sum(exp(-worse_from(settings, each, alone=alone)) for each in metrics)

    assert spent == pytest.approx(settings.alpha)


def test_a_candidate_just_like_stable_is_rolled_back_less_often_than_once_in_a_hundred() -> None:
    """Outputs allow a distance, which two like models are far below, so the rest is never spent."""
    spent = exp(-worse_from(PLAIN, ERRORS)) + exp(-worse_from(PLAIN, SLOW))

    assert spent < 0.01


def test_the_check_of_the_split_is_wrong_once_in_a_thousand_rollouts_at_most() -> None:
    """A split that is as asked for must not hold a good candidate back."""
    assert exp(-split_from()) == pytest.approx(0.001)


def test_each_metric_is_fine_at_alpha_itself_since_promotion_needs_them_all() -> None:
    assert exp(-fine_from(PLAIN)) == pytest.approx(0.05)
