"""
The child's side: answer requests until nobody asks any more.

It refuses to work in a process that is not confined; `start` sees to that before anything else is
imported.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from models.preparation.carried import told
from models.preparation.sandbox.confine import confined
from models.preparation.sandbox.limits import Limits
from models.preparation.sandbox.start import ANSWERS
from wherry.errors import ConfigurationError, ToolError, UnsafeError, WherryError

Handlers = Mapping[str, Callable[..., dict[str, Any]]]


def serve(handlers: Handlers) -> None:
    """Each handler takes what `Child.ask` was told by keyword, and returns what can be JSON."""
    if not confined():
        raise ToolError("a child", "it is not confined", "Start it with `Child`.")
    limits = Limits(**json.loads(sys.argv[-1])["limits"])
    for line in sys.stdin.buffer:
        tell(_answer(handlers, json.loads(line), limits))


def tell(answer: Mapping[str, Any]) -> None:
    """One line, whole, whatever the size."""
    line = memoryview(json.dumps(answer, default=told).encode() + b"\n")
    while line:
        line = line[os.write(ANSWERS, line) :]


def _answer(handlers: Handlers, asked: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        return {"answer": handlers[asked["verb"]](**asked["told"])}
    except WherryError as error:
        return {"error": error}
    except MemoryError:
        return {"error": UnsafeError("the model", limits.over_memory)}
    except RecursionError:
        return {"error": UnsafeError("the model", "it is nested too deeply")}
    except Exception as error:  # noqa: BLE001 - whatever a framework raises is told in one line
        number = (error.errno or 0) if isinstance(error, OSError) else 0
        if over := {errno.EFBIG: limits.over_disk, errno.ENOMEM: limits.over_memory}.get(number):
            return {"error": UnsafeError("the model", over)}
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        return {"error": ConfigurationError("the model", what)}
