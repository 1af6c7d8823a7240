"""How much fits through each front: what we promise fits does, and the rest is our own refusal."""

import re

import httpx
import numpy as np
import orjson
import pytest

from tests.clients.conftest import DIRECT
from tests.support.asking import INFER, LENGTH, Ask, Callers, binary
from tests.support.gateway import FRONTS
from tests.support.requests_v2 import FEATURES, request

OF_LAMBDA = [name for name in FRONTS if not name.startswith("load balancer")]
LOAD_BALANCERS = [name for name in FRONTS if name.startswith("load balancer")]
OCTETS = ("Content-Type", "application/octet-stream")


def rows(count: int) -> Ask:
    """In bytes, both ways."""
    return _in_bytes(count, binary_data_output=True)


def rows_for_json(count: int) -> Ask:
    """In bytes, answered in JSON with many digits."""
    return _in_bytes(count)


def json_rows(count: int) -> Ask:
    """In JSON, both ways."""
    values = (np.arange(4 * count, dtype=np.float32) / 7).tolist()
    return Ask("POST", INFER, request({**FEATURES, "shape": [count, 4], "data": values}))


def _in_bytes(count: int, **parameters: bool) -> Ask:
    data = np.arange(4 * count, dtype=np.float32) / 7
    size = {"parameters": {"binary_data_size": data.nbytes}}
    given = {key: value for key, value in FEATURES.items() if key != "data"}
    head = request({**given, "shape": [count, 4], **size}, parameters=parameters)
    return Ask("POST", INFER, head + data.tobytes(), [(LENGTH, str(len(head))), OCTETS])


def sent(client: httpx.Client, ask: Ask) -> httpx.Response:
    """Taking no compression, which would help."""
    headers = [*ask.headers, ("Accept-Encoding", "identity")]
    return client.post(ask.path, content=ask.body, headers=headers)


def advised(answer: httpx.Response) -> tuple[int, int]:
    """Rows as JSON and as binary tensors, of which a refusal says that they fit."""
    assert answer.status_code == 413, answer.text
    found = re.search(r"at most ([\d,]+) rows as JSON, ([\d,]+) as binary", answer.json()["error"])
    assert found
    as_json, as_bytes = (int(number.replace(",", "")) for number in found.groups())
    return as_json, as_bytes


@pytest.mark.parametrize("front", [DIRECT, *OF_LAMBDA])
def test_as_many_rows_as_a_refusal_advises_do_fit(callers: Callers, front: str) -> None:
    client = callers[front]
    as_json, as_bytes = advised(sent(client, rows(240_000)))

    assert sent(client, rows(as_bytes)).status_code == 200
    assert sent(client, json_rows(as_json)).status_code == 200


@pytest.mark.parametrize("front", [DIRECT, *OF_LAMBDA])
def test_an_answer_that_lambda_could_not_carry_is_our_own_refusal(
    callers: Callers, front: str
) -> None:
    """The request is small enough; behind Lambda this answer would be a 502."""
    answer = sent(callers[front], rows_for_json(150_000))

    advised(answer)
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("front", LOAD_BALANCERS)
def test_an_answer_that_a_load_balancer_could_not_carry_is_our_own_refusal(
    callers: Callers, front: str
) -> None:
    client = callers[front]

    small, large = sent(client, rows(30_000)), sent(client, rows(45_000))

    assert small.status_code == 200
    assert large.status_code == 413
    assert "load balancer" in large.json()["error"]
    assert large.headers["x-wherry-digest"] == small.headers["x-wherry-digest"]


@pytest.mark.parametrize("front", FRONTS)
def test_what_a_front_itself_cannot_carry_is_its_own_413(callers: Callers, front: str) -> None:
    """The function never sees it, so the words are the front's."""
    ask = binary(*[[0.0] * 4] * 300_000)

    answer = sent(callers[front], ask)

    assert answer.status_code == 413
    assert orjson.loads(answer.content) == {"message": "Request Too Long"}
