"""Who waits for a job by the server's own word learns of its end soon, and does not ask often."""

import orjson
import pytest

from wherry.client.flow import Answer, Finished, Pause, Send, step
from wherry.client.jobs import Jobs
from wherry.client.retries import Retries
from wherry.client.server import Server
from wherry.jobs.contract import Job
from wherry.jobs.telling import LATEST, PARTS, look_again
from wherry.pinned import Pinned

ID = "0" * 32
QUEUED = Job(
    id=ID, owner="", revision="", status="queued", kind="infer", pinned=Pinned("7", 1, "sha256:1"),
    place="", content="", bytes=1, created=0, expires=3600,
)  # fmt: skip


def _looks(ends: float) -> list[float]:
    """When a client looks at a job that ends then."""
    now, looks = 0.0, list[float]()
    server = Server("http://there", None, 30, Retries(now=lambda: now))
    flow, told = Jobs(server).wait("tiny", ID, 3600), None
    while not isinstance(wanted := step(flow, told), Finished):
        match wanted:
            case Send():
                looks.append(now)
                told = _answer(now, "queued" if now < ends else "succeeded")
            case Pause(seconds):
                now += seconds
                told = None
    return looks


def _answer(now: float, status: str) -> Answer:
    seconds = look_again(QUEUED, now) if status == "queued" else None
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return Answer(200, headers, orjson.dumps({"id": ID, "status": status, "model": "tiny"}))


@pytest.mark.parametrize(("ends", "looks"), [(0.5, 2), (10, 11), (60, 35), (900, 70)])
def test_a_client_looks_when_it_is_told_to(ends: float, looks: int) -> None:
    came = _looks(ends)

    late = came[-1] - ends
    assert late <= max(1, min(LATEST, ends / PARTS))
    assert len(came) <= looks
