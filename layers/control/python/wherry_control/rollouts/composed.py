"""
A controller from its parts on AWS: the same for the command, the console and the state machine.

It makes clients and calls nothing.
"""

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from wherry.manifest import GOLDEN
from wherry.store import ModelStore
from wherry_control.evidence.cloudwatch import CloudWatchPlatform
from wherry_control.evidence.dynamo import DynamoEvidence
from wherry_control.experiments.joining import ReleaseOutcomes
from wherry_control.experiments.outcomes import DynamoOutcomes
from wherry_control.experiments.shadow_lines import LoggedShadows
from wherry_control.functions import Functions
from wherry_control.ledger import DynamoLedger
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.dynamo import DynamoRollouts
from wherry_control.rollouts.gathering import Gatherer
from wherry_control.rollouts.preflight import GoldenPreflight
from wherry_control.rollouts.shadow_preflight import ShadowPreflight

if TYPE_CHECKING:
    from boto3 import Session


class Names(Protocol):
    """What things are called where the rollouts are; `wherry_control.targets.Target` knows."""

    @property
    def store_url(self) -> str: ...
    @property
    def ledger_table(self) -> str: ...
    @property
    def rollouts_table(self) -> str: ...
    @property
    def evidence_table(self) -> str: ...
    @property
    def outcomes_table(self) -> str: ...
    def function(self, model: str) -> str: ...


def controller(
    session: "Session",
    functions: Functions,
    names: Names,
    *,
    holder: str,
    clock: Callable[[], datetime],
) -> RolloutController:
    """`holder` names who works, in the lease."""
    tables = session.client("dynamodb")
    evidence = DynamoEvidence(tables, names.evidence_table)
    artifacts = ModelStore.open(names.store_url, os.environ)
    return RolloutController(
        functions=functions,
        ledger=DynamoLedger(tables, names.ledger_table),
        store=DynamoRollouts(tables, names.rollouts_table),
        evidence=evidence,
        gather=Gatherer(
            store=evidence,
            platform=CloudWatchPlatform(session.client("cloudwatch")),
            function=names.function,
            outcomes=ReleaseOutcomes(DynamoOutcomes(tables, names.outcomes_table)),
        ),
        preflight=ShadowPreflight(
            before=GoldenPreflight(
                functions=functions, load=lambda digest: artifacts.load(digest, names={GOLDEN})
            ),
            functions=functions,
            lines=LoggedShadows(session.client("logs")),
            clock=clock,
        ),
        function=names.function,
        clock=clock,
        holder=holder,
    )
