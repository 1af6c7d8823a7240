"""
Who the store is to S3: the keys of the environment, or what a local address gives.

Under SnapStart, Lambda gives no keys to a function that it takes a snapshot of, but an address on
the machine itself (AWS_CONTAINER_CREDENTIALS_FULL_URI) and a word to say there; containers
elsewhere get the same. obstore knows that address only with a token in a file, so it is asked here.
Nothing is kept: obstore asks again when what it got has ended.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from wherry.errors import ConfigurationError, CredentialsError
from wherry.store.failures import SIGN_IN

if TYPE_CHECKING:
    from obstore.store import S3Credential, S3CredentialProvider

ADDRESS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105
OTHER_SOURCES = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE")
# Without TLS, only this machine and the addresses of ECS and EKS, which lead no further.
PLAIN = {"127.0.0.1", "localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"}
OK, LIMIT, SECONDS = 200, 1 << 16, 5


def credentials(environment: Mapping[str, str]) -> "S3CredentialProvider | None":
    """None: obstore asks the container's relative address, token file or machine itself."""
    if environment.get("AWS_ACCESS_KEY_ID"):
        keys = _keys(environment)
        return lambda: keys
    if environment.get(ADDRESS):
        told = dict(environment)
        _checked(told[ADDRESS])
        return lambda: _asked(told)
    known = any(environment.get(name) for name in OTHER_SOURCES)
    if environment.get("AWS_EC2_METADATA_DISABLED") == "true" and not known:
        raise CredentialsError("AWS_ACCESS_KEY_ID", "no AWS credentials were found", SIGN_IN)
    return None


def _keys(environment: Mapping[str, str]) -> "S3Credential":
    return {
        "access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "secret_access_key": environment.get("AWS_SECRET_ACCESS_KEY", ""),
        "token": environment.get("AWS_SESSION_TOKEN") or None,
        "expires_at": None,
    }


def _checked(address: str) -> None:
    """Raise unless the token stays on this machine, or is encrypted on its way."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in PLAIN):
        raise ConfigurationError(
            ADDRESS, f"{address!r} is no https:// address, and none of this machine"
        )


def _asked(environment: Mapping[str, str]) -> "S3Credential":
    try:
        told = orjson.loads(_answer(environment[ADDRESS], _token(environment)))
        return {
            "access_key_id": told["AccessKeyId"],
            "secret_access_key": told["SecretAccessKey"],
            "token": told["Token"],
            "expires_at": datetime.fromisoformat(told["Expiration"]),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CredentialsError(ADDRESS, f"it gives no credentials ({error!r})") from error


def _token(environment: Mapping[str, str]) -> str:
    if file := environment.get(TOKEN_FILE):
        with open(file, encoding="utf-8") as told:  # noqa: PTH123 - pathlib costs a cold start 3 ms
            return told.read().strip()
    return environment.get(TOKEN, "")


def _answer(address: str, token: str) -> bytes:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    kind: Any = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=SECONDS)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("GET", target, headers={"Authorization": token} if token else {})
        answer = connection.getresponse()
        data: bytes = answer.read(LIMIT)
    except HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()
    if answer.status != OK:
        raise OSError(f"status {answer.status}")
    return data
