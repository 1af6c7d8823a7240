"""Who asks, by a header, a claim or a field; what names nobody exposes nobody."""

import gzip
from collections.abc import Mapping

import orjson
import pytest

from tests.support.experiments import experiment_of, missing
from tests.support.requests_v2 import request
from tests.support.services import Kept, service_of
from wherry.experiments.arms import Arms
from wherry.experiments.assignment import assign
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.wire import Request

INFER = "/v2/models/tiny/infer"


def subject_of(told: Request, subject: str) -> str:
    """The pseudonym in the line; empty where nobody was exposed."""
    kept, control = Kept(), service_of()
    experiment = experiment_of([("a", 1, control.release.digest)], subject=subject)
    chooser = Arms(experiment, control, missing)
    App(control, evidence=kept, hooks=Hooks(chooser)).answer(told)
    return kept.predictions[-1].labels.get("subject", "")


def alice(text: str = "alice") -> str:
    return assign(experiment_of([("a", 1, "sha256:" + "a" * 64)]), text).pseudonym


def post(
    body: bytes = b"{}",
    headers: Mapping[str, str] | None = None,
    claims: Mapping[str, str] | None = None,
) -> Request:
    return Request("POST", INFER, headers or {}, body, claims=claims or {})


def test_a_subject_may_be_a_header_a_claim_or_a_parameter() -> None:
    body = request(parameters={"customer": "alice", "number": 7})
    binary = orjson.dumps({"inputs": [], "parameters": {"customer": "alice"}})
    length = {"inference-header-content-length": str(len(binary))}
    assert subject_of(post(headers={"x-user-id": " alice "}), "header:X-User-Id") == alice()
    assert subject_of(post(claims={"sub": "alice"}), "claim:sub") == alice()
    assert subject_of(post(body), "field:customer") == alice()
    assert subject_of(post(body), "field:number") == alice("7")
    zipped = post(gzip.compress(body), {"content-encoding": "gzip"})
    assert subject_of(zipped, "field:customer") == alice()
    assert subject_of(post(binary + b"\xff\x00", length), "field:customer") == alice()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"{", {}),
        (b"[1]", {}),
        (b"\xff", {}),
        (request(), {}),
        (request(parameters={"customer": ""}), {}),
        (request(parameters={"customer": True}), {}),
        (request(parameters={"customer": 1.5}), {}),
        (request(parameters={"customer": ["alice"]}), {}),
        (b'{"parameters": 7}', {}),
        (request(parameters={"customer": "alice"}), {"content-encoding": "gzip"}),
        (request(parameters={"customer": "alice"}), {"inference-header-content-length": "0"}),
        (b" " * 5_000_000, {}),
    ],
    ids=lambda told: repr(told)[:40],
)
def test_what_names_nobody_exposes_nobody_and_fails_nothing(
    body: bytes, headers: dict[str, str]
) -> None:
    assert subject_of(Request("POST", INFER, headers, body), "field:customer") == ""


def test_a_claim_that_nobody_verified_is_none() -> None:
    """A header of that name is the caller's own word."""
    told = Request("POST", INFER, {"sub": "alice"}, request())

    assert subject_of(told, "claim:sub") == ""
