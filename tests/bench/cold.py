"""A cold start: a fresh interpreter to its first answer, and what of the image it touches."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.bench.child import environment_of
from tests.bench.report import Row, Section, timed
from tests.bench.subject import Subject
from tests.bench.warm import CALL
from tests.support.events import rest_api_v1

TITLE = "Cold start"
TRIES = 15
OF_FLOOR, FILES_OF_FLOOR = 1.5, 1.3
FLOOR, WHERRY, IDIOMATIC = "floor", "wherry", "idiomatic"
SCRIPT = Path(__file__).parent / "children" / "cold.py"
NOTES = (
    "A fresh interpreter to its first answer: import, verify, session, warm-up, one prediction"
    f" through the handler; every module compiled, the best of {TRIES} tries, by turns. The floor:"
    " awslambdaric, onnxruntime, the same session, nothing else. Idiomatic: FastAPI, Mangum,"
    " Powertools and a boto3 client of S3. Files opened: by Python, or mapped. Bytes touched: those"
    " of files that were read, and those of mapped ones that are resident."
)


class Start(NamedTuple):
    """Until the answer: on the clock, and of a CPU, which a busy neighbour changes less."""

    seconds: float
    cpu: float


class ColdStarts:
    """Starts them, by turns, with one event and one model."""

    def __init__(self, release: Mapping[str, str], model: Path, folder: Path) -> None:
        self._environment = environment_of(release)
        self._event = folder / "cold-event.json"
        self._event.write_text(json.dumps(rest_api_v1(CALL)))
        self._model = model

    def start(self, which: str) -> Start:
        """From starting the interpreter to its answer; its end is not counted."""
        began = time.perf_counter()
        with self._started(which) as child:
            line, at = self._line(child)
            return Start(at - began, float(line))

    def touched(self, which: str) -> dict[str, int]:
        """Bytes by file."""
        with self._started(which, "--files") as child:
            found: dict[str, int] = json.loads(self._line(child)[0])
            return found

    def _started(self, which: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), which, str(self._event), str(self._model), *options],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def _line(child: subprocess.Popen[str]) -> tuple[str, float]:
        assert child.stderr
        line, at = child.stderr.readline(), time.perf_counter()
        rest = child.stderr.read()
        if child.wait() != 0:
            raise RuntimeError(line + rest)
        return line, at


def measure(starts: ColdStarts, *subjects: str, tries: int = TRIES) -> tuple[Start, ...]:
    """The best of each; the first start of each only compiles its modules."""
    for which in subjects:
        starts.start(which)
    rounds = [[starts.start(which) for which in subjects] for _ in range(tries)]
    return tuple(Start(*map(min, zip(*tried, strict=True))) for tried in zip(*rounds, strict=True))


def section(subject: Subject) -> Section:
    with TemporaryDirectory() as folder:
        starts = ColdStarts(subject.environment, subject.model, Path(folder))
        floor, ours, idiomatic = measure(starts, FLOOR, WHERRY, IDIOMATIC)
        touched = {which: starts.touched(which) for which in (FLOOR, WHERRY, IDIOMATIC)}
    rows = [
        *_times(ours, FLOOR, floor),
        *_times(ours, IDIOMATIC, idiomatic),
        *(_files(touched[WHERRY], name, touched[name]) for name in (FLOOR, IDIOMATIC)),
        *(_bytes(touched[WHERRY], name, touched[name]) for name in (FLOOR, IDIOMATIC)),
    ]
    return Section("cold", TITLE, NOTES, rows)


def _times(ours: Start, name: str, theirs: Start) -> Iterator[Row]:
    goal = OF_FLOOR if name == FLOOR else None
    yield timed("first answer", ours.seconds, name, theirs.seconds, unit="ms", goal=goal)
    yield timed("first answer, CPU", ours.cpu, name, theirs.cpu, unit="ms")


def _files(ours: Mapping[str, int], name: str, theirs: Mapping[str, int]) -> Row:
    goal = FILES_OF_FLOOR if name == FLOOR else None
    return Row("files opened", f"{len(ours)}", f"{len(theirs)} {name}",
               len(ours) / len(theirs), goal)  # fmt: skip


def _bytes(ours: Mapping[str, int], name: str, theirs: Mapping[str, int]) -> Row:
    goal = FILES_OF_FLOOR if name == FLOOR else None
    mine, other = sum(ours.values()), sum(theirs.values())
    return Row("bytes touched", f"{mine / 1e6:.1f} MB", f"{other / 1e6:.1f} MB {name}",
               mine / other, goal)  # fmt: skip
