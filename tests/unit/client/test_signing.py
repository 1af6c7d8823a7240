"""Requests signed for IAM are those that AWS's own SDK signs."""

from datetime import UTC, datetime
from typing import Any

import botocore.session
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from wherry.client import Keys, SigV4
from wherry.errors import CredentialsError

URL = "https://abc.execute-api.eu-central-1.amazonaws.com/dev/v2/models/a%20b/infer"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Frozen(SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Signs at NOW."""

    def add_auth(self, request: Any) -> None:
        request.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        wanted = self.string_to_sign(request, canonical)
        self._inject_signature_to_request(request, self.signature(wanted, request))


def sent(auth: httpx.Auth) -> httpx.Request:
    """A request, as it leaves the client."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
        client.post(URL, content=b"{}", headers={"content-type": "application/json"})
    return seen[0]


@pytest.mark.parametrize("token", [None, "a token"])
def test_a_signature_is_the_one_that_botocore_makes(token: str | None) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret", token)

    told = sent(SigV4(credentials, "eu-central-1", now=lambda: NOW)).headers

    wanted = AWSRequest("POST", URL, {"content-type": "application/json"}, b"{}")
    Frozen(credentials.get_frozen_credentials(), "execute-api", "eu-central-1").add_auth(wanted)
    assert told["authorization"] == wanted.headers["Authorization"]
    assert told.get("x-amz-security-token") == token


def test_a_session_gives_the_keys_that_it_has_at_the_time() -> None:
    session = botocore.session.Session()
    auth = SigV4(session, "eu-central-1", now=lambda: NOW)
    session.set_credentials("AKIDFIRST", "one")
    first = sent(auth)
    session.set_credentials("AKIDSECOND", "two")

    assert "Credential=AKIDFIRST/20260701/eu-central-1/" in first.headers["authorization"]
    assert "Credential=AKIDSECOND/" in sent(auth).headers["authorization"]


def test_keys_need_no_sdk() -> None:
    auth = SigV4(Keys("AKID", "secret"), "eu-central-1", service="lambda", now=lambda: NOW)

    assert "/eu-central-1/lambda/aws4_request" in sent(auth).headers["authorization"]


def test_who_has_no_keys_is_told_so() -> None:
    class Nobody:
        def get_credentials(self) -> None:
            return None

    with pytest.raises(CredentialsError, match="the session has no credentials"):
        sent(SigV4(Nobody(), "eu-central-1"))
