"""
The options of an ONNX Runtime session, by turns: the time of a run, and the CPU that it takes.

`python -m tests.bench.children.options MODEL INPUT WIDTH CALLS TRIES`
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from wherry.ort import onnxruntime

ROWS = 32
PAUSE = 0.002  # requests do not come back to back, and what spins, spins then


def options(
    threads: int = 1, *, spinning: bool = False, arena: bool = True, optimised: bool = True
) -> Any:
    """Ours, but for what is told."""
    made = onnxruntime.SessionOptions()
    made.intra_op_num_threads, made.inter_op_num_threads = threads, 1
    made.log_severity_level = 4
    for pool in ("intra_op", "inter_op"):
        made.add_session_config_entry(f"session.{pool}.allow_spinning", str(int(spinning)))
    made.enable_cpu_mem_arena = arena
    if not optimised:
        made.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return made


WAYS: Mapping[str, Callable[[], Any]] = {
    "as Wherry sets them": options,
    "memory arena off": lambda: options(arena=False),
    "no optimisation": lambda: options(optimised=False),
    "2 threads": lambda: options(2),
    "2 threads, spinning": lambda: options(2, spinning=True),
}


def main(model: str, name: str, width: int, calls: int, tries: int) -> dict[str, Any]:
    sessions = {
        way: onnxruntime.InferenceSession(model, make(), ["CPUExecutionProvider"])
        for way, make in WAYS.items()
    }
    feeds = {name: np.full((ROWS, width), 0.5, np.float32)}
    told: dict[str, Any] = {way: {"run": [], "cpu": []} for way in WAYS}
    for _ in range(tries):
        for way, session in sessions.items():
            run, cpu = _measured(partial(session.run, None, feeds), calls)
            told[way]["run"].append(run)
            told[way]["cpu"].append(cpu)
    return told


def _measured(run: Callable[[], object], calls: int) -> tuple[float, float]:
    """Seconds of the middle run, and the process's CPU seconds of each."""
    times = []
    began = time.process_time()
    for _ in range(calls):
        at = time.perf_counter()
        run()
        times.append(time.perf_counter() - at)
        time.sleep(PAUSE)
    return median(times), (time.process_time() - began) / calls


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
    sys.stderr.write(json.dumps(found))
