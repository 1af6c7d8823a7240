"""A result is what a request of the same form is answered."""

import gzip
from collections.abc import Mapping

import orjson
import pytest

from tests.support.binary_v2 import binary, binary_request
from tests.support.jobs import JOBS, KEY, LEASE, World
from tests.support.onnx_models import scaled
from tests.support.requests_v2 import outputs_of, request
from wherry.http.hooks import Chosen, Hooks
from wherry.http.wire import Request
from wherry.jobs.work import Turn
from wherry.pinned import Pinned
from wherry.release import Release
from wherry.service import Service

ROW = b"[[1, 2, 3, 4]]"


class ByHeader:
    """Version 2 is what the experiment's arm serves."""

    def __init__(self) -> None:
        artifact = scaled(3)
        self.arm = Service(artifact, Release("tiny", 2, "8", artifact.digest))

    def choose(self, request: Request, parameters: Mapping[str, str]) -> Chosen:
        assert parameters["model"] == "tiny"
        return Chosen(self.arm, {"arm": request.headers["x-arm"]}, {"x-wherry-arm": "b"})


def test_the_arm_that_takes_a_job_answers_it() -> None:
    world, arms = World(), ByHeader()
    front = world.app(hooks=Hooks(arms))

    came = front.answer(Request("POST", JOBS, {**KEY, "x-arm": "b"}, request()))
    job_id = orjson.loads(came.body)["id"]
    world.worker(load=lambda _: arms.arm).work(job_id, Turn(LEASE, last=False))

    assert came.headers["x-wherry-version"] == "2"
    assert came.headers["x-wherry-arm"] == "b"
    assert world.job(job_id).pinned == Pinned("8", 2, arms.arm.release.digest)
    (line,) = world.evidence.predictions
    assert line.labels == {"arm": "b"}
    assert outputs_of(world.result(job_id))["prediction"] == [[30]]


BINARY, LENGTH = binary_request(
    binary("features", "FP32", [1, 4], b"\0\0\x80\x3f" * 4),
    parameters={"binary_data_output": True},
)
MANY = orjson.dumps([[1, 2, 3, 4]] * 500)


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/v2/models/tiny/infer", request(id="mine"), {}),
        ("/v2/models/tiny/infer", BINARY, {"inference-header-content-length": str(LENGTH)}),
        ("/v2/models/tiny/infer", gzip.compress(request(), mtime=0), {"content-encoding": "gzip"}),
        ("/predict/tiny", ROW, {"accept": "text/csv"}),
        ("/predict/tiny", b"f0,f1,f2,f3\n1,2,3,4\n", {"content-type": "text/csv"}),
        ("/predict/tiny", MANY, {"accept-encoding": "gzip"}),
    ],
)
def test_a_result_is_byte_for_byte_what_a_request_is_answered(
    path: str, body: bytes, headers: dict[str, str]
) -> None:
    world = World()
    now = world.ask("POST", path, body, headers)
    assert now.status == 200, now.body

    came = world.ask("POST", path.replace("/infer", "") + "/jobs", body, {**KEY, **headers})
    job_id = orjson.loads(came.body)["id"]
    world.work(job_id)

    assert world.result(job_id) == now.body
    told = world.look(job_id)["result"]["headers"]
    about = ("content-type", "content-encoding", "inference-header-content-length")
    assert told == {name: now.headers[name] for name in about if name in now.headers}
