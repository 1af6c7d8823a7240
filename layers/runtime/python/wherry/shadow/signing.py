"""
AWS Signature Version 4, as far as one call of Lambda needs it; an SDK would cost a cold start more.

The method: AWS IAM User Guide, "Create a signed AWS API request". Where a signature is computed
with whose keys is for others to know.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


class Keys(NamedTuple):
    """Who signs; a `token` belongs to keys that end."""

    access_key: str
    secret_key: str
    token: str | None = None


class Unsigned(NamedTuple):
    """A request; `url` is percent-encoded, and what its query says is in the order of its names."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def signed(
    request: Unsigned, keys: Keys, *, region: str, service: str, now: datetime
) -> dict[str, str]:
    """The headers of the request, and those that sign it; `now` has a time zone."""
    parts, moment = urlsplit(request.url), now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    headers |= {"host": parts.netloc, "x-amz-date": moment}
    if keys.token:
        headers["x-amz-security-token"] = keys.token
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        [
            request.method,
            quote(parts.path or "/", safe="/~"),
            parts.query,
            *(f"{name}:{headers[name]}" for name in sorted(headers)),
            "",
            names,
            _hash(request.body),
        ]
    )
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    wanted = "\n".join([_ALGORITHM, moment, scope, _hash(canonical.encode())])
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, wanted.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return headers


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
