"""What the tables `[rollout]` and `[rollout.judge]` mean; what they allow is read from the code."""

from collections.abc import Mapping

from wherry_control.rollouts.plan_file import JUDGE_KEYS, PLAN_KEYS, Rule

Row = tuple[str, str, str]

ABOUT = {
    "rollout": """\
How `wherry rollout start` tries a candidate ([how to](../how-to/roll-out-and-roll-back.md)).
Without the table, the preset `canary` holds: 5, 25 and 50 %. `linear` goes from 10 to 90 % by tens;
`blue_green` gives the candidate all traffic and judges it alone; `all_at_once` does not judge.""",
    "rollout.judge": """\
How sure the judge must be, and how much worse a candidate may be ([what that
means](../explanation/judge.md)).""",
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "rollout": {
        "preset": "a plan by its name, where there are no `steps`",
        "steps": "percent of the traffic to the candidate, one after the other",
        "requests": "how many the candidate must have had, at each step that does not say",
        "minutes": "how long each step takes at least, where it does not say",
        "deadline_minutes": "how long a rollout may take",
        "at_deadline": "what happens then; it is never promoted by the clock",
        "hold_minutes": "how long a rollout that is held waits for you, before it is rolled back",
        "tick_seconds": "how often it looks; more seldom where it may take many days",
        "smoke_requests": "how many requests the candidate must answer before its first live one, "
        "beside the golden examples",
        "golden_tolerance": "how far a fraction in the candidate's answer to a golden example may "
        "be off, where the example has no `tolerance` of its own",
        "judge": "the table below",
    },
    "rollout.judge": {
        "alpha": "the chance of ever rolling back a candidate that is no worse",
        "error_margin": "promoted only if it is proven to fail more often than stable by less than "
        "this share of the requests",
        "slow_margin": "the same of requests over `slo_ms`",
        "distance": "how much of what it answers may differ from stable, on the same traffic: a "
        "share (total variation); and of shadowed requests, how many may be answered otherwise",
        "consecutive_errors": "so many failures in a row roll back at once",
        "platform_errors": "so many failed starts, timeouts or kills for want of memory do, if "
        "stable has fewer; above 25 % of the traffic it takes more: 6 at 50 %, 39 at 90 %",
        "outcome": "a metric of `POST /feedback` that is judged too; it needs a step below 100 %",
        "outcome_better": "which way is better",
        "outcome_margin": "how much worse its mean may be",
        "outcome_range": "its least and greatest value; what is told beyond counts as that",
    },
}


def rows(table: str) -> list[Row]:
    """Key, default and what is allowed, of one of the two tables."""
    keys = PLAN_KEYS if table == "rollout" else JUDGE_KEYS
    return [(key, _default(rule), rule.allowed) for key, rule in keys.items()]


def _default(rule: Rule) -> str:
    return "none" if rule.default in (None, "") else f"`{rule.default}`"
