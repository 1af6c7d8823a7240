"""Who is shadowed, what is sent, and that no caller sees any of it."""

import json
from typing import Any

import pytest

from tests.support.events import Call, rest_api_v1
from tests.support.onnx_models import scaled
from tests.support.requests_v2 import request
from tests.support.services import service_of
from tests.support.shadowing import EVENT, SERVICE, Kept, nowhere
from wherry.beside import SHADOWED, beside
from wherry.errors import CloudError
from wherry.http import App
from wherry.http.hooks import Chosen, Hooks
from wherry.http.lambda_events import handler_for
from wherry.http.wire import Request
from wherry.service import Answer
from wherry.settings import Settings
from wherry.shadow.circuit import Circuit
from wherry.shadow.extension import Sending
from wherry.shadow.queue import ITEMS, Queue
from wherry.shadow.sender import AbsentError, HangsError, Sender
from wherry.shadow.shadowing import Shadow

GOLDEN = {**EVENT, "requestContext": {"stage": "golden", "identity": {}}}


class Shadowed:
    """A handler with a shadow whose worker is the test itself."""

    def __init__(self, share: float = 1.0, sender: Sender | None = None) -> None:
        self.queue, self.circuit = Queue(), Circuit(lambda: 0.0)
        self.sending = Sending(self.queue, sender or Kept(), self.circuit)
        self.done = 0
        shadow = Shadow(SERVICE, share, self.queue, self.circuit, nowhere, self._answered)
        app = App(SERVICE, hooks=Hooks(None, shadow))
        settings = Settings(model="tiny", model_version=1, digest="", store="memory://")
        self.handler = beside(handler_for(app), settings, SERVICE, shadow)

    def _answered(self) -> None:
        self.done += 1


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_share_that_was_asked_for_is_shadowed(share: float) -> None:
    """By the bits of ids that are drawn: a thousand of them, within five standard deviations."""
    queue = Queue(items=10_000, size=1 << 40)
    shadow = Shadow(SERVICE, share, queue, Circuit(), nowhere, lambda: None)
    asked, answer = Request("POST", "/", {}, b""), SERVICE.infer(request())
    ids = [f"{n * 0x9E3779B1 % 2**32:08x}" + "0" * 24 for n in range(1000)]

    for each in ids:
        shadow.after(each, asked, answer, Chosen(SERVICE))

    assert abs(len(queue) - 1000 * share) <= 5 * (1000 * share * (1 - share)) ** 0.5


def test_probes_refusals_pages_and_other_arms_are_not_shadowed() -> None:
    shadowed = Shadowed()
    other = service_of(scaled(3))

    for event in (
        GOLDEN,
        rest_api_v1(Call("POST", "/v2/models/tiny/infer", b"{}")),
        rest_api_v1(Call("POST", "/v2/models/other/infer", request())),
        rest_api_v1(Call("GET", "/v2")),
        rest_api_v1(Call("POST", "/feedback", b"{}")),
    ):
        shadowed.handler(event, None)
    shadow = Shadow(SERVICE, 1, shadowed.queue, shadowed.circuit, nowhere, print)
    shadow.after("0" * 32, Request("POST", "/", {}), SERVICE.infer(request()), Chosen(other))

    assert len(shadowed.queue) == 0
    shadowed.handler(EVENT, None)
    assert len(shadowed.queue) == 1


def test_a_shadow_is_sent_the_request_and_what_the_caller_got() -> None:
    kept = Kept()
    shadowed = Shadowed(sender=kept)

    reply = shadowed.handler(EVENT, None)
    assert kept.events == []
    shadowed.sending.all()

    (told,) = kept.events
    assert told["of"] == reply["headers"]["x-wherry-prediction-id"]
    assert told["release"] == "7"
    assert told["outputs"].keys() == {"prediction", "doubled"}


def test_what_waits_is_bounded_however_long_nothing_is_sent() -> None:
    shadowed = Shadowed()

    for _ in range(ITEMS * 3):
        assert shadowed.handler(EVENT, None)["statusCode"] == 200

    assert (len(shadowed.queue), shadowed.queue.dropped) == (ITEMS, ITEMS * 2)


@pytest.mark.parametrize(
    ("failure", "tries"),
    [
        (AbsentError("shadow", "none"), 1),
        (HangsError("shadow", "no answer"), 1),
        (CloudError("x", "y"), 3),
        (ValueError("z"), 3),
    ],
)
def test_where_nobody_answers_nothing_more_is_put_aside(failure: Exception, tries: int) -> None:
    kept = Kept(failure)
    shadowed = Shadowed(sender=kept)

    for _ in range(5):
        shadowed.handler(EVENT, None)
        shadowed.sending.all()

    shadowed.handler(EVENT, None)

    assert len(kept.events) == tries
    assert len(shadowed.queue) == 0


def test_every_invocation_ends_for_the_extension_whatever_becomes_of_it() -> None:
    """Else it would wait for its end, and Lambda for it."""
    shadowed = Shadowed()
    events: list[Any] = [EVENT, GOLDEN, {}, {SHADOWED: None}, {SHADOWED: {"of": 1}}]

    for event in events:
        shadowed.handler(event, None)

    assert shadowed.done == len(events)


def test_a_shadow_answers_a_direct_invoke_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Through a front nobody can put a key at the top of an event, but a test may look."""
    kept = Kept()
    shadowed = Shadowed(sender=kept)
    shadowed.handler(EVENT, None)
    shadowed.sending.all()
    told = {SHADOWED: kept.events[0]}

    assert shadowed.handler({**EVENT, **told}, None)["statusCode"] == 200
    assert "shadow" not in capsys.readouterr().out
    assert shadowed.handler(told, None) is None
    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["rows"], line["same"]) == ("shadow", 1, 1)
    shadowed.sending.all()
    assert len(kept.events) == 2  # of the front's events; a shadow casts none


def test_an_answer_without_tensors_is_not_shadowed() -> None:
    shadowed = Shadowed()
    shadow = Shadow(SERVICE, 1, shadowed.queue, shadowed.circuit, nowhere, print)

    shadow.after("0" * 32, Request("POST", "/", {}), Answer(b"", 1), Chosen(SERVICE))

    assert len(shadowed.queue) == 0
