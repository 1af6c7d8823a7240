"""What only a front can say of a request: that a rollout probes, and what a token claims."""

import json
from typing import Any

import pytest

from tests.support.events import FRONTS, Call, http_api_v2, rest_api_v1
from tests.support.requests_v2 import request
from tests.support.services import Kept, service_of
from wherry.http import App
from wherry.http.hooks import Chosen, Hooks
from wherry.http.lambda_events import handler_for
from wherry.http.wire import Request
from wherry_control.golden import infer_event

INFER = "/v2/models/tiny/infer"
CLAIMS = {"sub": "7", "cognito:groups": "testers"}
EXAMPLE = {"inputs": {"features": [[1, 2, 3, 4]]}}
fronts = pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)


def evidence_of(event: dict[str, Any]) -> Any:
    kept = Kept()
    reply = handler_for(App(service_of(sketch=True), evidence=kept))(event, None)
    assert reply["statusCode"] == 200
    [told] = kept.predictions
    return told


def test_what_a_rollout_asks_by_itself_is_a_probe_without_a_sketch() -> None:
    event = infer_event("tiny", service_of().manifest, EXAMPLE)

    told = evidence_of(event)

    assert told.probe
    assert told.sketch is None


@fronts
def test_nothing_that_a_caller_sends_makes_a_probe(front: Any) -> None:
    headers = {"stage": "golden", "x-stage": "golden", "requestContext": '{"stage": "golden"}'}
    body = request(parameters={"probe": True}, requestContext={"stage": "golden"}, probe=True)

    told = evidence_of(front(Call("POST", INFER, body, headers, query="stage=golden&probe=true")))

    assert not told.probe
    assert told.sketch is not None


@pytest.mark.parametrize("front", [rest_api_v1, http_api_v2])
def test_an_api_whose_stage_is_called_golden_makes_none(front: Any) -> None:
    event = front(Call("POST", INFER, request()))
    event["requestContext"]["stage"] = "golden"

    assert not evidence_of(event).probe


class Seen:
    """Keeps what the front told, and lets the one service answer."""

    def __init__(self) -> None:
        self.service = service_of()
        self.requests: list[Request] = []

    def choose(self, request: Request, _: Any) -> Chosen:
        self.requests.append(request)
        return Chosen(self.service)


def claims_of(event: dict[str, Any]) -> Any:
    seen = Seen()
    reply = handler_for(App(seen.service, hooks=Hooks(seen)))(event, None)
    assert reply["statusCode"] == 200
    return seen.requests[0].claims


@pytest.mark.parametrize(
    ("front", "authorizer", "claims"),
    [
        (rest_api_v1, {"claims": CLAIMS}, CLAIMS),
        (http_api_v2, {"jwt": {"claims": CLAIMS, "scopes": None}}, CLAIMS),
        (rest_api_v1, {"principalId": "me", "claims": json.dumps(CLAIMS)}, {}),
        (http_api_v2, {"lambda": {"claims": CLAIMS}}, {}),
        (http_api_v2, {"jwt": None, "iam": {"userId": "me"}}, {}),
        (rest_api_v1, {"claims": {"sub": 7}}, {"sub": "7"}),
        (rest_api_v1, None, {}),
    ],
)
def test_claims_are_those_of_a_token_that_the_gateway_has_verified(
    front: Any, authorizer: Any, claims: dict[str, str]
) -> None:
    event = front(Call("POST", INFER, request(), {"authorization": "Bearer e30.e30.e30"}))
    event["requestContext"]["authorizer"] = authorizer

    assert claims_of(event) == claims


@fronts
def test_no_header_makes_a_claim(front: Any) -> None:
    told = json.dumps({"claims": CLAIMS})

    event = front(Call("POST", INFER, request(), {"authorizer": told, "x-amzn-claims": told}))

    assert claims_of(event) == {}
