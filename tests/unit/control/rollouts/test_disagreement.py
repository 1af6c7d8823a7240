"""What the share of requests that a shadow answered otherwise says of a candidate."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.rollout_store_contract import PLAN
from wherry_control.experiments.agreement import Agreement, agreements
from wherry_control.judging.settings import JudgeSettings
from wherry_control.rollouts.disagreement import judge_shadow


def _line(number: int, same: int) -> dict[str, Any]:
    about = {"message": "shadow", "release": "2", "stable_release": "1"}
    return {**about, "of": f"{number:032x}", "rows": 1, "same": same}


@pytest.mark.parametrize("alpha", [0.001, 0.05])
@pytest.mark.parametrize("differ", [0, 30, 100, 150, 300])
def test_the_bound_is_the_one_of_the_report(differ: int, alpha: float) -> None:
    """Nobody is refused by numbers that `wherry shadow report` does not show."""
    lines = [_line(number, same=int(number >= differ)) for number in range(300)]
    (told,) = agreements(lines, alpha)
    settings = JudgeSettings(alpha=alpha)

    judgement = judge_shadow(told, settings, "iris")

    (reading,) = judgement.readings
    assert (reading.low, reading.high) == pytest.approx((1 - told.high, 1 - told.low))
    assert (judgement.verdict == "roll_back") == (1 - told.high > settings.distance)


@pytest.mark.parametrize("distance", [0.1, 0.5, 1.0])
def test_what_the_plan_allows_is_what_is_allowed(distance: float) -> None:
    told = Agreement("1", "2", requests=1_000, rows=1_000, same=300, agreement=0.3)

    judgement = judge_shadow(told, replace(PLAN.judge, distance=distance), "iris")

    assert (judgement.verdict == "roll_back") == (distance < 0.6)
