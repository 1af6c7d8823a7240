"""
`session.run` alone: rows that lie in memory, by so many processes of so many threads.

`python -m tests.bench.children.batch_bare MODEL ROWS.npy CHUNK PROCESSES THREADS` tells the
seconds from when all of them are ready to when the last one is done.
"""

import json
import multiprocessing
import sys
import time
from typing import Any

import numpy as np

from wherry.ort import onnxruntime

INPUT = "features"


def session(model: str, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])


def run_all(loaded: Any, rows: Any, chunk: int) -> None:
    """By chunks of so many rows."""
    for start in range(0, len(rows), chunk):
        loaded.run(None, {INPUT: rows[start : start + chunk]})


def _part(told: tuple[str, str, int, int], place: tuple[int, int], gate: Any) -> None:
    model, file, chunk, threads = told
    number, of = place
    rows = np.array_split(np.load(file, mmap_mode="r"), of)[number]
    rows, loaded = np.ascontiguousarray(rows), session(model, threads)
    run_all(loaded, rows[:chunk], chunk)
    gate.wait()
    run_all(loaded, rows, chunk)
    gate.wait()


def main(model: str, file: str, chunk: int, processes: int, threads: int) -> float:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(processes + 1)
    told = (model, file, chunk, threads)
    workers = [
        context.Process(target=_part, args=(told, (number, processes), gate))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    began = time.perf_counter()
    gate.wait()
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return seconds


if __name__ == "__main__":
    sys.stderr.write(json.dumps(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))))
