"""
The subscriber of the models' logs: counts what their lines say, and keeps what became of whom.

A delivery may come twice, and adds once. If anything of it cannot be kept it fails as a whole, and
Lambda hands it over again; what is lost even so shows as a source that is missing, and never as a
good release.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from wherry_control.evidence.dynamo import DynamoEvidence
from wherry_control.evidence.rollup import facts_of, flushes, unpack
from wherry_control.evidence.sources import EvidenceStore
from wherry_control.experiments.outcomes import DynamoOutcomes, Outcomes

Event = Mapping[str, Any]


@dataclass(frozen=True)
class RollUp:
    """Where counts and facts go."""

    evidence: EvidenceStore
    outcomes: Outcomes

    def __call__(self, event: Event) -> dict[str, int]:
        """How many counts were new, and how many were known; for whoever reads the log."""
        delivery = unpack(event)
        added = [self.evidence.add(flush) for flush in flushes(delivery)]
        facts = facts_of(delivery)
        self.outcomes.expose(facts)
        self.outcomes.tell(facts)
        return {"new": added.count(True), "known": added.count(False)}


@cache
def roll_up() -> RollUp:
    import boto3  # of Lambda's own runtime

    client = boto3.Session().client("dynamodb")
    return RollUp(
        DynamoEvidence(client, os.environ["WHERRY_EVIDENCE_TABLE"]),
        DynamoOutcomes(client, os.environ["WHERRY_OUTCOMES_TABLE"]),
    )


def handler(event: Event, _context: object) -> dict[str, int]:
    return roll_up()(event)
