"""A server that batches gives each request the reply that the plain app gives it."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.support.onnx_models import identity, lookup, scaled
from tests.support.requests_v2 import FEATURES, features, request, tensor
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.http import App
from wherry.http.wire import Reply, Request
from wherry_control.batching import BatchingApp
from wherry_control.batching.switch import Switch

INFER = "/v2/models/tiny/infer"


class AlwaysOn(Switch):
    def answered(self, begun: int) -> None:
        """Never leaves what it was set to."""


def batching(artifact: Artifact) -> BatchingApp:
    switch = AlwaysOn()
    switch.batching = True
    return BatchingApp(service_of(artifact), switch=switch)


def all_at_once(app: App, asked: Sequence[Request]) -> list[Reply]:
    async def together() -> list[Reply]:
        return list(await asyncio.gather(*map(app.answer_soon, asked)))

    return asyncio.run(together())


def post(body: bytes, path: str = INFER) -> Request:
    return Request("POST", path, {}, body)


def told(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body


GOOD_AND_BAD = [
    post(features()),
    post(features(data=[4, 3, 2, 1])),
    post(features(shape=[2, 4], data=[1, 2, 3, 4, 5, 6, 7, 8])),
    post(features(shape=[0, 4], data=[])),
    post(features(data=[1, 2, 3])),
    post(request(FEATURES, id="mine", outputs=[{"name": "doubled"}])),
    post(b"{"),
    post(features(), "/v2/models/other/infer"),
    Request("GET", "/v2/health/live", {}),
    Request("GET", "/nowhere", {}),
]


def test_each_reply_is_the_plain_app_s() -> None:
    app, plain = batching(scaled()), App(service_of(scaled()))

    replies = all_at_once(app, GOOD_AND_BAD * 3)

    assert list(map(told, replies)) == [told(plain.answer(asked)) for asked in GOOD_AND_BAD * 3]
    assert (
        len({reply.headers.get("x-wherry-prediction-id") for reply in replies}) > len(replies) / 2
    )


def test_a_value_that_the_model_refuses_is_refused_to_its_sender_alone() -> None:
    app, plain = batching(lookup()), App(service_of(lookup()))
    asked = [post(request(tensor("x", "INT64", [1], [at]))) for at in (0, 99, 2)]

    replies = all_at_once(app, asked)

    assert [reply.status for reply in replies] == [200, 400, 200]
    assert list(map(told, replies)) == [told(plain.answer(one)) for one in asked]


@pytest.mark.parametrize("shape", [(2,), ()])
def test_a_model_that_takes_no_batch_is_served_as_ever(shape: tuple[int, ...]) -> None:
    app = batching(identity("FP32", shape))
    data = [1.5, 2.5][: len(shape) + 1]
    asked = post(request(tensor("x", "FP32", list(shape), data)))

    assert [reply.status for reply in all_at_once(app, [asked] * 4)] == [200] * 4


def test_who_goes_away_takes_nobody_along() -> None:
    app = batching(scaled())

    async def one_leaves() -> list[Reply]:
        asked = [asyncio.ensure_future(app.answer_soon(post(features()))) for _ in range(3)]
        await asyncio.sleep(0)  # each is suspended where the model would run
        asked[1].cancel()
        return list(await asyncio.gather(asked[0], asked[2]))

    assert [reply.status for reply in asyncio.run(one_leaves())] == [200, 200]
