"""
The API behind the proxy: where it is, and how the proxy is let in.

A key or a signature does not travel in plain HTTP, but to this machine.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wherry.errors import ConfigurationError, CredentialsError, UsageError
from wherry_control.predict import Signer, unsigned, with_iam, with_key

if TYPE_CHECKING:
    from boto3 import Session

LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|::1")
OF_AWS = re.compile(r".+\.(?P<service>execute-api|lambda-url)\.(?P<region>[a-z0-9-]+)\..+")
SIGNED_AS = {"lambda-url": "lambda"}


@dataclass(frozen=True)
class Upstream:
    """An API, how to be let in, and how many seconds to wait for it."""

    url: str
    sign: Signer
    timeout: float


def upstream(
    url: str, timeout: float, *, key: str | None = None, session: "Session | None" = None
) -> Upstream:
    """With the API key, or signed by the session's credentials, or with neither."""
    if key and session:
        raise UsageError("--sigv4", "an API key is given too", "Leave out one of the two.")
    _check(url, secret=bool(key or session))
    if session:
        return Upstream(url.rstrip("/"), _signer(url, session), timeout)
    return Upstream(url.rstrip("/"), with_key(key) if key else unsigned, timeout)


def _check(url: str, *, secret: bool) -> None:
    told = urlsplit(url)
    if told.scheme not in ("http", "https") or not told.hostname or told.query or told.fragment:
        raise UsageError("--to", f"{url!r} is no address of an API", "Try https://HOST/STAGE.")
    if told.username is not None:
        raise UsageError("--to", "an address holds no password", "Leave it out.")
    if secret and told.scheme == "http" and not LOOPBACK.fullmatch(told.hostname):
        raise UsageError("--to", "a key or a signature would travel in the clear", "Use https://.")


def _signer(url: str, session: "Session") -> Signer:
    """AWS's own names tell service and region; another is an API's, in the session's region."""
    credentials = session.get_credentials()
    if credentials is None:
        raise CredentialsError("--sigv4", "there are no AWS credentials", "Set AWS_PROFILE.")
    found = OF_AWS.fullmatch(urlsplit(url).hostname or "")
    region = found["region"] if found else session.region_name
    if not region:
        raise ConfigurationError("AWS_REGION", "no AWS region is set", "Set it to the API's.")
    service = found["service"] if found else "execute-api"
    return with_iam(credentials, region, SIGNED_AS.get(service, service))
