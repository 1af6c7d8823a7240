"""
Nothing lost, nothing doubled, under schedules that Hypothesis draws.

`make test` runs 500 of each kind, `python -m tests.proof` as many as it is told.
"""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.proof.batch_world import BatchWorld
from tests.proof.jobs_world import JobsWorld
from tests.proof.queue_world import FifoWorld, QueueWorld

SCHEDULES = int(os.environ.get("PROOF_SCHEDULES", "500"))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What fails here is meant to, and to write each traceback takes longer than all the rest."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("world", "steps"), [(QueueWorld, 30), (FifoWorld, 30), (JobsWorld, 30), (BatchWorld, 10)]
)
def test_every_input_has_one_result_or_one_refusal(
    world: type[RuleBasedStateMachine], steps: int
) -> None:
    run_state_machine_as_test(
        world,
        settings=settings(
            max_examples=SCHEDULES,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize="PROOF_SCHEDULES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
