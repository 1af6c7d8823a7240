"""What Lambda counts of every invocation, by whatever way it came."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import Record, wrap

# The function and the qualifier that the invocation at hand was asked for by; routing says it.
ASKED = contextvars.ContextVar[tuple[str, str | None]]("asked", default=("", None))
PERIOD = 60


def count_invocations(lambda_svc: ModuleType, cloudwatch: ModuleType) -> None:
    """
    AWS counts each invocation under its function, under the alias or version that was asked for,
    and, through an alias, under the version that answered. MiniStack counts direct ones only, and
    under the function only. A throttled call is neither an invocation nor an error.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html. Sums of a minute are
    kept, not single values: an hour of traffic would fill the memory.
    """
    held = threading.Lock()
    note = partial(_note, cloudwatch)

    def dispatching(original: Any) -> Callable[..., Any]:
        def dispatch(func: Record, config: Record, *words: Any) -> Any:
            began = time.monotonic()
            result = original(func, config, *words)
            spent = (time.monotonic() - began) * 1000
            with held:
                for dimensions in dimension_sets(config, *ASKED.get()):
                    note("Invocations", "Count", 1, dimensions)
                    note("Errors", "Count", int(bool(result.get("error"))), dimensions)
                    note("Duration", "Milliseconds", spent, dimensions)
            return result

        return dispatch

    def emit(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: ARG001, FBT001 (MiniStack's own signature)
        if throttle and not duration_ms:  # it says so twice, once with a duration
            with held:
                note("Throttles", "Count", 1, {"FunctionName": function_name})

    wrap(lambda_svc, "_execute_function_dispatch", dispatching)
    wrap(lambda_svc, "_emit_lambda_metrics", lambda _: emit)


def dimension_sets(config: Record, asked: str, qualifier: str | None) -> Iterator[Record]:
    """Those that AWS counts an invocation under; `asked` and `qualifier` are what was called."""
    name, version = config.get("FunctionName", "unknown"), config.get("Version", "$LATEST")
    yield {"FunctionName": name}
    if asked != name or qualifier in {None, "$LATEST"}:
        yield {"FunctionName": name, "Resource": name}
        return
    behind = {"FunctionName": name, "Resource": f"{name}:{qualifier}"}
    yield behind
    if qualifier != version:  # an alias
        yield {**behind, "ExecutedVersion": version}


def _note(cloudwatch: ModuleType, name: str, unit: str, value: float, dimensions: Record) -> None:
    key = ("AWS/Lambda", name, cloudwatch._dims_key(dimensions))
    now = time.time()
    bucket = cloudwatch._metric_bucket(key)
    if not bucket or bucket[-1]["Timestamp"] // PERIOD != now // PERIOD:
        sums = {"SampleCount": 0.0, "Sum": 0.0, "Minimum": value, "Maximum": value}
        bucket.append(
            {"Timestamp": now, "Unit": unit, "Dimensions": dimensions, "Value": 0.0, "_stat": sums}
        )
    _add(bucket[-1], value)


def _add(point: Record, value: float) -> None:
    sums = point["_stat"]
    sums["SampleCount"] += 1
    sums["Sum"] += value
    sums["Minimum"], sums["Maximum"] = min(sums["Minimum"], value), max(sums["Maximum"], value)
    point["Value"] = sums["Sum"] / sums["SampleCount"]
