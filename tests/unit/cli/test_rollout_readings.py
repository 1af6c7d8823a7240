"""What people see of a reading that is no evidence in logarithms: a shadow's is a share."""

import pytest

from cli.rollout_readings import numbers as shown_numbers
from cli.rollout_readings import readings
from wherry_control.experiments.agreement import Agreement
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import Judgement
from wherry_control.rollouts.disagreement import judge_shadow, no_shadow
from wherry_control.rollouts.numbers import numbers

SETTINGS = JudgeSettings()
OFF = Agreement("1", "2", requests=1_000, rows=1_000, same=600, agreement=0.6)


@pytest.mark.parametrize(
    ("judgement", "finding"),
    [
        (judge_shadow(OFF, SETTINGS, "iris"), "worse"),
        (no_shadow("nothing was compared with release 1", SETTINGS), "open"),
    ],
)
def test_what_a_shadow_says_is_told_in_percent_and_never_as_evidence(
    judgement: Judgement, finding: str
) -> None:
    """`evidence 0.3 of 0.1` would be read as one test among the others."""
    (reading,) = judgement.readings

    history = " ".join(" ".join(shown_numbers(numbers(judgement))).split())
    _, row, *_ = readings(judgement.readings)

    assert history == f"{reading.told}; {finding}"
    assert row.split()[:3] == ["shadow", "-", finding]
