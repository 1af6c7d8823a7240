"""
One warm invocation after another: ours, the idiomatic handler's, and the bare session's, by turns.

`python -m tests.bench.children.warm MODEL EVENT CALLS TRIES`
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

IDIOMATIC_SHARE = 8  # it is slower, and as many calls tell no more


def p50(call: Callable[[], object], calls: int) -> float:
    """Seconds of the middle one."""
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return median(times)


def main(model: str, event_file: str, calls: int, tries: int) -> dict[str, list[float]]:
    os.environ["IDIOMATIC_MODEL"] = model
    from functions.inference.api import handler
    from tests.bench import idiomatic
    from tests.bench.subject import ROW

    event: dict[str, Any] = json.loads(Path(event_file).read_bytes())
    rows = {"features": np.array([ROW], np.float32)}
    ways: dict[str, Callable[[], Any]] = {
        "session": partial(idiomatic.session.run, idiomatic.NAMES, rows),
        "handler": partial(handler, event, None),
        "idiomatic": partial(idiomatic.handler, event, None),  # type: ignore[arg-type] # no context
    }
    for name in ("handler", "idiomatic"):
        answer = ways[name]()
        assert answer["statusCode"] == 200, answer
    share = {"idiomatic": calls // IDIOMATIC_SHARE}
    rounds = [
        {name: p50(call, share.get(name, calls)) for name, call in ways.items()}
        for _ in range(tries)
    ]
    return {name: [found[name] for found in rounds] for name in ways}


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    sys.stderr.write(json.dumps(found))
