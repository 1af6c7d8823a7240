"""What the options of an ONNX Runtime session are worth, one by one against those that we set."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.batching import FEATURES, network
from tests.bench.child import told_by
from tests.bench.report import Row, Section, shown
from tests.bench.subject import Subject
from wherry.manifest import MODEL

TITLE = "Session options"
CALLS, TRIES = 100, 5
OURS = "as Wherry sets them"
NOTES = (
    "A run of the model alone, 32 rows, with one option that is not as Wherry sets it for one vCPU"
    " (one thread, no spinning, the arena on, every optimisation), with 2 ms of rest after each:"
    f" the median of {CALLS} runs, the best of {TRIES} tries, by turns. The network is that of"
    " micro-batching. CPU is what a run and its rest take of all cores: a thread that spins spends,"
    " on a part of a vCPU, what the next request needs."
)


def section(subject: Subject) -> Section:
    file = subject.folder / "network.onnx"
    file.write_bytes(network().files[MODEL])
    rows: list[Row] = []
    for what, model, name, width in (
        ("iris", subject.model, "features", 4),
        ("network", file, "x", FEATURES),
    ):
        rows += _rows(what, _told(model, name, width))
    return Section("options", TITLE, NOTES, rows)


def _told(model: Path, name: str, width: int) -> Any:
    arguments = (str(model), name, str(width), str(CALLS), str(TRIES))
    return told_by("options", *arguments, release={})


def _rows(what: str, told: Any) -> Iterator[Row]:
    for way, found in told.items():
        if way == OURS:
            continue
        for of, name in (("run", "run"), ("cpu", "CPU")):
            mine, other = min(told[OURS][of]), min(found[of])
            ours = f"{shown(mine, 'µs')} ours"
            yield Row(f"{what}, {name}: {way}", shown(other, "µs"), ours, other / mine)
