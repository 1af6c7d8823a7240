"""What the tables `[experiment]` and `[shadow]` mean; what they allow is read from the code."""

import re
from collections.abc import Mapping

from infra.experiments import SHARE
from wherry_control.experiments.declared import ALLOWED, ARM_KEYS, ARMS_ALLOWED, KEYS

Row = tuple[str, str, str]

ABOUT = {
    "experiment": """\
Several versions of the model answer at once, each subject always by the same one
([how to](../how-to/run-an-experiment.md)). `wherry publish` and `wherry experiment lock` draw up
who is in which arm and write it into the lock. A request that names no subject is answered by the
control.""",
    "experiment.arms": "One has no `version`: the control, which is what the release serves.",
    "shadow": """\
A candidate answers a share of the live requests too, unseen by any caller
([how to](../how-to/shadow-a-candidate.md)).""",
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "experiment": {
        "name": "another name is another experiment: every subject is drawn anew",
        "subject": "where a request says whose it is: a header, a claim of a token that the API "
        "has verified, or one of a V2 request's `parameters`",
        "metric": "what `POST /feedback` tells, and the report compares",
        "arms": "the tables below",
    },
    "experiment.arms": {
        "name": "what it is called in headers, log lines and the report",
        "share": "percent of the subjects; all together 100",
        "version": "the model version that answers",
    },
    "shadow": {"share": "of the requests that were answered; 0 is none"},
}


def rows(table: str) -> list[Row]:
    """Key, default and what is allowed, of one of the tables."""
    if table == "shadow":
        return [("share", "`0`", str(SHARE))]
    if table == "experiment":
        return [(key, "required", _shown(ALLOWED[key])) for key in KEYS]
    optional = {"version": "none"}
    return [(key, optional.get(key, "required"), ARMS_ALLOWED[key]) for key in ARM_KEYS]


def _shown(words: str) -> str:
    """What stands in brackets is no tag, and no link."""
    return re.sub(r"(\w+:<name>|\[\[\S+\]\])", r"`\1`", words)
