"""What is told of a function that failed."""

import contextvars
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import wrap

RAISED = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")
# The traceback of the invocation at hand, of a function on the warm Python of this machine.
TRACE = contextvars.ContextVar[str]("trace", default="")


def name_errors_by_their_class(lambda_svc: ModuleType, lambda_runtime: ModuleType) -> None:
    """
    AWS names an error by the class of the exception, and Step Functions retries or catches it by
    that name. MiniStack calls each one of a ZIP function Runtime.HandlerError.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """

    def invoking(original: Any) -> Callable[..., Any]:
        def invoke(*words: Any, **named: Any) -> Any:
            result = original(*words, **named)
            TRACE.set(str(result.get("trace") or ""))
            return result

        return invoke

    def executing(original: Any) -> Callable[..., Any]:
        def execute(*words: Any) -> Any:
            TRACE.set("")
            result = original(*words)
            body = result.get("body")
            if result.get("error") and isinstance(body, dict) and (name := raised(TRACE.get())):
                result["body"] = {**body, "errorType": name}
            return result

        return execute

    wrap(lambda_runtime.Worker, "invoke", invoking)
    wrap(lambda_svc, "_execute_function_warm", executing)


def raised(trace: str) -> str:
    """The class that the last line of a traceback names, without its module."""
    for line in reversed(trace.strip().splitlines()):
        if found := RAISED.match(line):
            return found[1].rpartition(".")[2]
    return ""
