"""A result is what a request of the same form is answered."""

import gzip

import orjson
import pytest

from tests.support.binary_v2 import binary, binary_request
from tests.support.jobs import KEY, World
from tests.support.requests_v2 import request

ROW = b"[[1, 2, 3, 4]]"


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
        ("/v2/models/tiny/infer", gzip.compress(request()), {"content-encoding": "gzip"}),
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
