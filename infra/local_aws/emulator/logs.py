"""Log lines of functions: their streams, and what Lambda itself says of a request that failed."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import Record, wrap

TRIES = 6  # of reading a container's log: within a second
RUN = secrets.token_hex(16)  # names the streams of this run
TOO_LATE = re.compile(r"Task timed out after \d+\.\d\d seconds")
BORN_DEAD = ("Worker init failed", "Worker process exited immediately", "Lambda RIE failed")
DIED = ("Worker process died", "Worker returned no response", "Runtime exited")


def write_lines_as_lambda_does(lambda_svc: ModuleType, cloudwatch_logs: ModuleType) -> None:
    """
    AWS writes an environment's lines to one stream, and says of a request that it had to end how
    it ended: `Task timed out`, `signal: killed`, `Status: timeout`. MiniStack begins a stream with
    every request, and says of a failed one what it says of a good one.

    Here all environments of a version share a stream, since MiniStack does not tell them apart.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html and
    https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html.
    """

    def dispatching(original: Any) -> Callable[..., Any]:
        def dispatch(func: Record, config: Record, event: Any, request: str, started: float) -> Any:
            result = original(func, config, event, request, started)
            spent = round((time.time() - started) * 1000, 2)
            write(config, lines_of(result, config, request, spent))
            return result

        return dispatch

    def write(config: Record, lines: list[str]) -> None:
        version, now = config.get("Version", "$LATEST"), datetime.now(UTC)
        told = (config.get("LoggingConfig") or {}).get("LogGroup")
        group = told or f"/aws/lambda/{config.get('FunctionName', 'unknown')}"
        stream = f"{now:%Y/%m/%d}/[{version}]{RUN}"
        cloudwatch_logs._create_log_group({"logGroupName": group})
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
        stamp = int(now.timestamp() * 1000)
        events = [{"timestamp": stamp, "message": line, "ingestionTime": stamp} for line in lines]
        found = cloudwatch_logs._log_groups[group]["streams"][stream]
        cloudwatch_logs._append_log_events(found, events)
        cloudwatch_logs._fanout_to_subscription_filters(group, stream, events)

    wrap(lambda_svc, "_execute_function_dispatch", dispatching)
    wrap(lambda_svc, "_emit_lambda_logs", lambda _: lambda *_, **__: None)


def read_all_of_a_containers_lines(lambda_svc: ModuleType) -> None:
    """
    On AWS no line is lost. MiniStack reads a container's log as soon as the answer is there; the
    engine may write the last lines a moment later. The runtime's REPORT is the last of all.
    """

    def invoking(original: Any) -> Callable[..., Any]:
        def invoke(container: Any, event: Any, timeout: int, request: str) -> Any:
            began = time.time()
            result = original(container, event, timeout, request)
            if result.get("log_source") == "rie" and not result.get("error"):
                result["log"] = read_to_the_end(
                    result["log"],
                    f"REPORT RequestId: {request}",
                    lambda: container.logs(stdout=True, stderr=True, since=began).decode(),
                )
            return result

        return invoke

    wrap(lambda_svc, "_invoke_rie", invoking)


def read_to_the_end(
    log: str, last: str, again: Callable[[], str], wait: Callable[[float], object] = time.sleep
) -> str:
    """The log with the line that begins with `last`, or what there is of it in a second."""
    for number in range(TRIES):
        if last in log:
            break
        wait(0.015 * 2**number)
        log = again()
    return log


def lines_of(result: Record, config: Record, request: str, spent_ms: float) -> list[str]:
    """START, what the function wrote, what went wrong, END and REPORT."""
    wrote = _own_lines(result, request)
    told, status = _ending(result, request)
    report = (
        f"REPORT RequestId: {request}\tDuration: {spent_ms} ms\tBilled Duration: {spent_ms:.0f} ms"
        f"\tMemory Size: {config.get('MemorySize', 128)} MB"
    )
    return [
        f"START RequestId: {request} Version: {config.get('Version', '$LATEST')}",
        *wrote,
        *told,
        f"END RequestId: {request}",
        f"{report}\t{status}" if status else report,
    ]


def _own_lines(result: Record, request: str) -> list[str]:
    """
    Without the runtime emulator's own frame, and without what the container wrote before it: the
    engine tells its log by the second.
    """
    lines: list[str] = (result.get("log") or "").splitlines()
    if result.get("log_source") != "rie":
        return lines
    start = f"START RequestId: {request}"
    begun = [number for number, line in enumerate(lines) if line.startswith(start)]
    after = lines[begun[-1] + 1 :] if begun else lines
    frame = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
    return [line for line in after if not line.startswith(frame)]


def _ending(result: Record, request: str) -> tuple[list[str], str]:
    """Lines and the report's status, of a request that Lambda had to end; nothing of another."""
    body = result.get("body")
    if not result.get("error") or not isinstance(body, dict):
        return [], ""
    kind, said = body.get("errorType", ""), str(body.get("errorMessage", ""))
    if kind == "Sandbox.Timedout" or TOO_LATE.fullmatch(said):
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return [f"{now} {request} {said}"], "Status: timeout"
    if "signal: killed" in said:
        line = f"RequestId: {request} Error: Runtime exited with error: signal: killed"
        return [line], "Status: error\tError Type: Runtime.OutOfMemory"
    if said.startswith(BORN_DEAD):
        lines = [
            f"INIT_REPORT Init Duration: 0 ms\tPhase: {phase}\tStatus: error\tError Type: "
            "Runtime.ExitError"
            for phase in ("init", "invoke")
        ]
        return lines, "Status: error\tError Type: Runtime.ExitError"
    if kind == "Runtime.ExitError" or said.startswith(DIED):
        line = f"RequestId: {request} Error: Runtime exited with error: exit status 1"
        return [line], "Status: error\tError Type: Runtime.ExitError"
    unborn = kind.startswith("Runtime.") and kind != "Runtime.HandlerError"
    return [], f"Status: error\tError Type: {kind}" if unborn else ""
