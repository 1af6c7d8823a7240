"""The report of an experiment as the real one is made, of outcomes that a test makes up."""

from tests.support.outcomes_fakes import AT, DAY, FakeOutcomes, exposed, told
from wherry_control.experiments.report import Asked, Report
from wherry_control.experiments.reporting import report_of

ARMS = {"current": (2_000, 240), "softer": (1_200, 228), "bolder": (800, 92)}  # subjects, clicks


def experiment() -> Report:
    """Three arms of which one is better, and of one nothing is shown yet."""
    outcomes, number = FakeOutcomes(), 0
    for arm, (subjects, clicks) in ARMS.items():
        outcomes.expose(exposed(number + each, arm) for each in range(subjects))
        outcomes.tell(told(number + each) for each in range(clicks))
        number += subjects
    shares = {arm: float(subjects) for arm, (subjects, _) in ARMS.items()}
    asked = Asked(
        model="iris", experiment="forest-or-linear", metric="clicked", shares=shares,
        control="current",
    )  # fmt: skip
    return report_of(outcomes, asked, AT, AT + DAY)
