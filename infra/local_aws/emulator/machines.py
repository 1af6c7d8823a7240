"""Step Functions: the thresholds and the end of distributed maps."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import contextvars
from collections.abc import Callable
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import Record, wrap

PERCENTAGE = "ToleratedFailurePercentage"
# The execution whose map the items at hand belong to.
PARENT = contextvars.ContextVar[Record | None]("parent", default=None)


def run_distributed_maps_as_told(stepfunctions: ModuleType) -> None:
    """
    AWS reads `ToleratedFailurePercentagePath`, and starts no item of an execution that was stopped.
    MiniStack takes the former for no threshold at all, and goes on to the last item.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    """

    def mapping(original: Any) -> Callable[..., Any]:
        def run(state: Record, raw: Any, effective: Any, processor: Any, execution: Record,
                context: Any) -> Any:  # fmt: skip
            if path := state.get(f"{PERCENTAGE}Path"):
                told = stepfunctions._resolve_path_or_ctx(path, effective, context)
                state = {**state, PERCENTAGE: told}
            PARENT.set(execution)
            try:
                return original(state, raw, effective, processor, execution, context)
            finally:
                PARENT.set(None)

        return run

    def stepping(original: Any) -> Callable[..., Any]:
        def run(*words: Any) -> Any:
            parent = PARENT.get()
            if parent and parent.get("status") != "RUNNING":
                raise stepfunctions._ExecutionError("States.Aborted", "the execution was stopped")
            return original(*words)

        return run

    wrap(stepfunctions, "_run_distributed_map", mapping)
    wrap(stepfunctions, "_run_sub_machine", stepping)
