"""How long to wait between two ticks."""

import math

from wherry_control.rollouts.plan import Plan

# A standard execution of Step Functions ends at 25,000 events of history (AWS Step Functions,
# "Service quotas"). A tick is nine: five of the task, two of the choice, two of the wait. The rest
# is for retries.
MOST_TICKS = 2_500


def seconds_between_ticks(plan: Plan) -> int:
    """`tick_seconds`, or more if deadline and hold would else take more ticks than there may be."""
    whole = (plan.deadline_minutes + plan.hold_minutes) * 60
    return max(plan.tick_seconds, math.ceil(whole / MOST_TICKS))
