"""
The child's side: confine this process, then answer requests until nobody asks any more.

What libraries print goes to the log, never between the answers.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from models.preparation.sandbox.confine import confine
from models.preparation.sandbox.limits import Limits
from wherry.errors import ConfigurationError, WherryError

Handlers = Mapping[str, Callable[..., dict[str, Any]]]
STDOUT, STDERR = 1, 2


def serve(handlers: Handlers) -> None:
    """Each handler takes what `Child.ask` was told by keyword, and returns what can be JSON."""
    answers = os.fdopen(os.dup(STDOUT), "wb")
    os.dup2(STDERR, STDOUT)
    told = json.loads(sys.argv[1])
    confine(Limits(**told["limits"]), Path(told["folder"]), tuple(map(Path, told["readable"])))
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_answer(handlers, json.loads(line))).encode() + b"\n")
        answers.flush()


def _answer(handlers: Handlers, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": handlers[asked["verb"]](**asked["told"])}
    except WherryError as error:
        return {"error": _told(error)}
    except Exception as error:  # noqa: BLE001 - whatever a framework raises is told in one line
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        return {"error": _told(ConfigurationError("the model", what))}


def _told(error: WherryError) -> dict[str, str]:
    return {
        "kind": type(error).__name__,
        "where": error.where,
        "what": error.what,
        "todo": error.todo,
    }
