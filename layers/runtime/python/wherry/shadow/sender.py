"""
Sends an event to the function's own alias `shadow`, and does not wait for what becomes of it.

Lambda's Invoke with the type Event: the answer is that it was taken. Signed here and sent by the
standard library over one connection that is kept; the caller of a prediction never waits for this.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import create_default_context
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from wherry.errors import CloudError, CredentialsError
from wherry.shadow.signing import Keys, Unsigned, signed
from wherry.store.credentials import credentials

if TYPE_CHECKING:
    from obstore.store import S3Credential

ALIAS = "shadow"
SECONDS = 2.0  # to connect, and to answer
EARLY = timedelta(minutes=5)  # before keys end, others are asked for
TAKEN, ABSENT = 202, 404
_ENDPOINTS = ("AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL")
_ANSWER = 1 << 16


class AbsentError(CloudError):
    """There is no such alias: nothing is on trial in the shadow."""


class HangsError(CloudError):
    """Nobody answered in time, and the environment was held up meanwhile."""


class Sender(Protocol):
    """Where a shadow is."""

    def send(self, event: bytes) -> None:
        """Raise CloudError if it was not taken: AbsentError, HangsError, or of another kind."""

    def close(self) -> None:
        """Let go of what is kept between two events."""


class LambdaSender:
    """`environment` is a Lambda function's; `now` has a time zone."""

    def __init__(
        self,
        environment: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: float = SECONDS,
    ) -> None:
        self._now = now
        self._seconds = seconds
        self._region = environment.get("AWS_REGION", "us-east-1")
        told = next(filter(None, map(environment.get, _ENDPOINTS)), None)
        endpoint = (told or f"https://lambda.{self._region}.amazonaws.com").rstrip("/")
        name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self._url = f"{endpoint}/2015-03-31/functions/{name}/invocations?Qualifier={ALIAS}"
        self._authority = environment.get("AWS_CA_BUNDLE") or environment.get("SSL_CERT_FILE")
        self._environment = environment
        self._connection: HTTPConnection | None = None
        self._found: S3Credential | None = None

    def send(self, event: bytes) -> None:
        headers = {"content-type": "application/json", "x-amz-invocation-type": "Event"}
        request = Unsigned("POST", self._url, headers, event)
        told = signed(request, self._keys(), region=self._region, service="lambda", now=self._now())
        status = self._status(told, event)
        if status == ABSENT:
            raise AbsentError(self._url, "there is no such alias")
        if status != TAKEN:
            raise CloudError(self._url, f"status {status}")

    def _keys(self) -> Keys:
        """Those of the environment, or what a snapshot is given after it wakes."""
        ends = self._found.get("expires_at") if self._found else None
        if self._found is None or (ends is not None and ends - EARLY < self._now()):
            provider = credentials(self._environment)
            if provider is None:
                raise CredentialsError("AWS_ACCESS_KEY_ID", "no AWS credentials were found")
            self._found = provider()  # type: ignore[assignment] # ours are never awaitable
        found = self._found
        return Keys(found["access_key_id"], found["secret_access_key"], found["token"])  # type: ignore[index] # as above

    def _status(self, headers: Mapping[str, str], event: bytes) -> int:
        """A kept connection may have died while Lambda slept: then once more, on a new one."""
        kept = self._connection is not None
        try:
            return self._asked(headers, event)
        except TimeoutError:
            raise HangsError(self._url, f"no answer in {self._seconds:g} s") from None
        except (OSError, HTTPException) as error:
            if not kept:
                raise CloudError(self._url, f"{type(error).__name__}: {error}") from error
        return self._status(headers, event)

    def _asked(self, headers: Mapping[str, str], event: bytes) -> int:
        """With an error, the connection is closed."""
        try:
            if self._connection is None:
                self._connection = self._connected()
            parts = urlsplit(self._url)
            self._connection.request("POST", f"{parts.path}?{parts.query}", event, dict(headers))
            answer = self._connection.getresponse()
            answer.read(_ANSWER)
        except (OSError, HTTPException):
            self.close()
            raise
        return answer.status

    def _connected(self) -> HTTPConnection:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        if parts.scheme != "https":
            return HTTPConnection(host, parts.port, timeout=self._seconds)
        context = create_default_context(cafile=self._authority)
        return HTTPSConnection(host, parts.port, timeout=self._seconds, context=context)

    def close(self) -> None:
        """See Sender."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
        self._connection = None
