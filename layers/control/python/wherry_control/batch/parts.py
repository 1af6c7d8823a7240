"""
Why parts of a run on AWS failed, as their own executions tell it.

The run itself only ends as incomplete: the state machine counts its parts, and reads none of them.
"""

from collections.abc import Iterable

from wherry_control.batch.runs import Execution
from wherry_control.batch.trying import HOPELESS, Failed

TIMEOUTS = ("States.Timeout", "Sandbox.Timedout")
LATE = "Task timed out after"  # Lambda's words
FEWER = (
    "it ran into the time limit of its function: give each part fewer rows, by --part-rows or "
    "`part_rows` of [batch]"
)


def failed_parts(executions: Iterable[Execution]) -> tuple[Failed, ...]:
    """One for each."""
    return tuple(map(_failed, executions))


def _failed(execution: Execution) -> Failed:
    """What a run is planned again for will not be mended by asking again."""
    part = execution.input.get("partition", {})
    is_late = execution.error in TIMEOUTS or LATE in execution.cause
    kind = execution.kind
    return Failed(
        name=part.get("name", execution.name),
        source=part.get("source", execution.name),
        reason=FEWER if is_late else execution.why or execution.status,
        lasting=is_late or (kind is not None and issubclass(kind, HOPELESS)),
    )
