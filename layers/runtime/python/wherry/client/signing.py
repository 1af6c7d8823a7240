"""
Requests signed by IAM keys (Signature Version 4), for an API with `auth = "iam"`; with no AWS SDK.

Keys that end are asked for anew with each request, so where they come from may renew them.
"""

from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any

import httpx

from wherry.errors import CredentialsError
from wherry.shadow.signing import Keys, Unsigned, signed

__all__ = ["Keys", "SigV4"]


def _now() -> datetime:
    return datetime.now(UTC)


class SigV4(httpx.Auth):
    """
    `credentials` are Keys, or boto3's: a session, or what its `get_credentials()` gives.

    `service` is `lambda` for a function URL.
    """

    requires_request_body = True

    def __init__(
        self,
        credentials: Any,
        region: str,
        *,
        service: str = "execute-api",
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._credentials = credentials
        self._region = region
        self._service = service
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx.Auth. What proxies may change is not signed."""
        kept = {name: request.headers[name] for name in _SIGNED if name in request.headers}
        unsigned = Unsigned(request.method, str(request.url), kept, request.content)
        request.headers.update(
            signed(
                unsigned,
                self._keys(),
                region=self._region,
                service=self._service,
                now=self._now(),
            )
        )
        yield request

    def _keys(self) -> Keys:
        found = self._credentials
        if isinstance(found, Keys):
            return found
        if hasattr(found, "get_credentials"):
            found = found.get_credentials()
        if found is not None:
            found = found.get_frozen_credentials()
        if found is None or not found.access_key:
            raise CredentialsError(
                "SigV4", "the session has no credentials", "Sign in, or set AWS_ACCESS_KEY_ID."
            )
        return Keys(found.access_key, found.secret_key, found.token)


_SIGNED = ("content-type", "x-api-key")
