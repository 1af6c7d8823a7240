"""A warm invocation: one row through the handler, from a REST API's event to its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.child import told_by
from tests.bench.report import Row, Section, shown, timed
from tests.bench.subject import BODY, INFER, Subject
from tests.support.events import Call, rest_api_v1

CALL = Call("POST", INFER, BODY, {"content-type": "application/json"})
TITLE = "Warm overhead of one invocation"
CALLS, TRIES = 2000, 7
ABOVE_SESSION = 100e-6
OF_IDIOMATIC = 1 / 8
NOTES = (
    "One row of four numbers as JSON in a REST API's event, evidence written. The median of"
    f" {CALLS} calls, the best of {TRIES} tries, by turns in one process. The idiomatic handler is"
    " `tests/bench/idiomatic.py`: FastAPI, Mangum, pydantic models, a plain `def`."
)


@dataclass(frozen=True)
class Warm:
    """Seconds of one call."""

    session: float
    handler: float
    idiomatic: float

    @property
    def overhead(self) -> float:
        """What the handler adds to the model."""
        return self.handler - self.session


def measure(
    release: Mapping[str, str], model: Path, *, calls: int = CALLS, tries: int = TRIES
) -> Warm:
    """The best of each."""
    with TemporaryDirectory() as folder:
        event = Path(folder) / "event.json"
        event.write_text(json.dumps(rest_api_v1(CALL)))
        told = told_by("warm", str(model), str(event), str(calls), str(tries), release=release)
    return Warm(**{name: min(times) for name, times in told.items()})


def section(subject: Subject) -> Section:
    found = measure(subject.environment, subject.model)
    rows = [
        timed("bare session.run", found.session, "itself", found.session),
        timed("handler", found.handler, "idiomatic handler", found.idiomatic, goal=OF_IDIOMATIC),
        Row(
            "handler above session.run",
            shown(found.overhead, "µs"),
            f"{shown(ABOVE_SESSION, 'µs')} allowed",
            found.overhead / ABOVE_SESSION,
            1.0,
        ),
    ]
    return Section("warm", TITLE, NOTES, rows)
