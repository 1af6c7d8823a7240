"""Which addresses the proxy takes, and what it signs with."""

from typing import Any

import pytest
from botocore.credentials import Credentials

from wherry.errors import ConfigurationError, CredentialsError, UsageError
from wherry_control.grpc.upstream import upstream

GATEWAY = "https://abc123.execute-api.eu-central-1.amazonaws.com/dev"
FUNCTION = "https://abc123.lambda-url.eu-west-3.on.aws"


class Session:
    """What is asked of boto3's."""

    def __init__(self, region: str | None = "us-east-1", credentials: Any = None) -> None:
        self.region_name = region
        self._credentials = credentials

    def get_credentials(self) -> Any:
        return self._credentials


KEYS = Credentials("AKIA", "secret", "token")


@pytest.mark.parametrize(
    "url",
    ["", "there", "ftp://there", "https://", "https://a?b=c", "https://a#b", "https://me:it@there"],
)
def test_what_is_no_address_of_an_api_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        upstream(url, 1)

    assert refused.value.where == "--to"


def test_a_key_and_a_signature_travel_in_the_clear_to_this_machine_only() -> None:
    for url in ("http://example.com/dev", "http://127.0.0.1.example.com", "http://10.0.0.1"):
        with pytest.raises(UsageError, match="in the clear"):
            upstream(url, 1, key="k")
        with pytest.raises(UsageError, match="in the clear"):
            upstream(url, 1, session=Session(credentials=KEYS))
        assert upstream(url, 1).sign("GET", url, b"") == {}
    for url in (
        "http://127.0.0.1:8080",
        "http://localhost:8080/dev/",
        "http://[::1]:8080",
        GATEWAY,
    ):
        assert upstream(url, 1, key="k").sign("GET", url, b"") == {"x-api-key": "k"}


def test_a_slash_at_the_end_does_not_count() -> None:
    assert upstream(f"{GATEWAY}/", 1).url == GATEWAY


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        (GATEWAY, "eu-central-1/execute-api"),
        (FUNCTION, "eu-west-3/lambda"),
        ("https://api.example.com/dev", "us-east-1/execute-api"),
        ("http://127.0.0.1:4566/restapis/abc/dev", "us-east-1/execute-api"),
    ],
)
def test_a_signature_is_for_the_service_and_the_region_of_the_address(url: str, scope: str) -> None:
    there = upstream(url, 1, session=Session(credentials=KEYS))

    told = there.sign("POST", f"{url}/v2/models/iris/infer", b"body")

    assert f"/{scope}/aws4_request" in told["Authorization"]
    assert told["X-Amz-Security-Token"] == "token"
    assert "secret" not in str(told)


def test_who_cannot_sign_is_told_before_anything_is_served() -> None:
    with pytest.raises(CredentialsError):
        upstream(GATEWAY, 1, session=Session())
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        upstream("https://api.example.com", 1, session=Session(None, KEYS))
    with pytest.raises(UsageError, match="API key"):
        upstream(GATEWAY, 1, key="k", session=Session(credentials=KEYS))
