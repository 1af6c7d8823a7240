"""The numbers behind a transition, as the ledger keeps them."""

from collections.abc import Mapping
from typing import Any

from wherry_control.judging.verdicts import Judgement


def numbers(judgement: Judgement | None) -> Mapping[str, Any]:
    """The judgement in plain values, for JSON; empty where nothing was judged."""
    if judgement is None:
        return {}
    return {
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "readings": [dict(vars(reading)) for reading in judgement.readings],
    }
