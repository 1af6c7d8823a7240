"""
A made model as it would be sealed, and what it answers: first tried in a process of its own.

ONNX Runtime can end the process that loads a graph which a tool made (seen of fp16). Such a one is
refused here, with the reason, and goes no further.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.preparation.optimize import optimized
from models.preparation.optimizing.subject import Made
from models.preparation.sources.crossing import (
    ANSWERS,
    FEEDS,
    MODEL,
    Array,
    read_arrays,
    write_arrays,
)
from models.preparation.sources.source import Values
from wherry.errors import ModelError, WherryError
from wherry.session import Session

SAVED, REASON = "saved.onnx", "reason.txt"
WORKER = (sys.executable, "-P", "-m", "models.preparation.optimizing.settled")
Answers = dict[str, Array]


def settled(
    model: bytes, rows: Values, *, save: bool, worker: Sequence[str] = WORKER
) -> tuple[Made, Answers]:
    """`save`: with its graph worked out, where that loses nothing on `rows`; raise ModelError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / MODEL).write_bytes(model)
        names = write_arrays(folder / FEEDS, rows)
        command = [*worker, name, "save" if save else "leave", *names]
        ended = subprocess.run(command, check=False, capture_output=True)
        if (folder / REASON).is_file():
            raise ModelError("the candidate", (folder / REASON).read_text(encoding="utf-8"))
        if ended.returncode:
            raise ModelError("the candidate", "ONNX Runtime ends the process that loads it")
        saved = folder / SAVED
        one = Made(saved.read_bytes() if saved.is_file() else model, optimized=saved.is_file())
        outputs = (folder / f"{ANSWERS}.names").read_text(encoding="utf-8").splitlines()
        return one, read_arrays(folder / ANSWERS, outputs)


def _settle(folder: Path, names: list[str], *, save: bool) -> None:
    """The other process: leaves the saved graph, if any, and the answers."""
    model, rows = (folder / MODEL).read_bytes(), read_arrays(folder / FEEDS, names)
    saved = optimized(model, rows) if save else None
    if saved is not None:
        (folder / SAVED).write_bytes(saved)
    session = Session(saved or model, threads=1, optimized=saved is not None)
    outputs = list(session.outputs)
    answers = dict(zip(outputs, session.run(outputs, rows), strict=True))
    write_arrays(folder / ANSWERS, answers)
    (folder / f"{ANSWERS}.names").write_text("\n".join(outputs), encoding="utf-8")


if __name__ == "__main__":
    place, wish, *inputs = sys.argv[1:]
    try:
        _settle(Path(place), inputs, save=wish == "save")
    except WherryError as failure:
        Path(place, REASON).write_text(failure.what, encoding="utf-8")
