"""Who asks, as a front has verified it: what nobody can say of himself."""

from typing import Any

import pytest

from tests.support.events import Call, alb, function_url, http_api_v2, rest_api_v1
from wherry.http.lambda_events import _request

ARN = "arn:aws:iam::123456789012:user/path/eve"
SESSION = "arn:aws:sts::123456789012:assumed-role/Caller/i-0abc"
CALL = Call("GET", "/v2", b"", {"x-api-key": "secret", "userArn": ARN})


def with_identity(**told: Any) -> dict[str, Any]:
    event = rest_api_v1(CALL)
    event["requestContext"]["identity"] |= told
    return event


def with_authorizer(event: dict[str, Any], told: Any) -> dict[str, Any]:
    event["requestContext"]["authorizer"] = told
    return event


CLAIMS = {"iss": "https://issuer", "sub": "eve"}


@pytest.mark.parametrize(
    ("event", "caller"),
    [
        (rest_api_v1(CALL), ""),
        (http_api_v2(CALL), ""),
        (alb(CALL), ""),
        (with_identity(apiKeyId="k1", apiKey="secret"), "key k1"),
        (with_identity(userArn=ARN), ARN),
        (with_identity(userArn=SESSION), "arn:aws:sts::123456789012:assumed-role/Caller"),
        (with_identity(userArn=ARN, apiKeyId="k1"), ARN),
        (with_authorizer(function_url(CALL), {"iam": {"userArn": ARN}}), ARN),
        (with_authorizer(http_api_v2(CALL), {"jwt": {"claims": CLAIMS}}), "https://issuer eve"),
        (with_authorizer(rest_api_v1(CALL), {"claims": CLAIMS}), "https://issuer eve"),
        (with_authorizer(rest_api_v1(CALL), {"principalId": "eve"}), ""),
    ],
    ids=lambda told: told if isinstance(told, str) else "",
)
def test_a_caller_is_whom_the_front_has_verified(event: dict[str, Any], caller: str) -> None:
    assert _request(event).caller == caller
