"""
Where a store is, from its URL, and how to reach S3, from the environment alone.

No code asks whether AWS is the real one: an endpoint in the environment is used, plain HTTP is
allowed exactly if that endpoint says http, and a private CA is added to the system's own. What is
needed is passed to obstore by name, since it would otherwise read this process's own environment,
which is not the target's when a command works for a target.
"""

import os.path
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from wherry.errors import ConfigurationError, UsageError
from wherry.store.credentials import credentials
from wherry.store.failures import translated
from wherry.store.objects import Objects, ObstoreObjects

if TYPE_CHECKING:
    from obstore.store import (
        ClientConfig,
        RetryConfig,
        S3Config,
    )

_RETRY: "RetryConfig" = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


def open_objects(url: str, environment: Mapping[str, str]) -> Objects:
    """Open `s3://bucket[/prefix]`, `memory://` (a new one each time) or a directory."""
    scheme, separator, rest = url.partition("://")
    if not separator and url:
        return ObstoreObjects(_directory(url), url)
    if url == "memory://":
        return ObstoreObjects(MemoryStore(), url)
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and bucket:
        return ObstoreObjects(open_bucket(bucket, prefix.strip("/"), environment), url)
    raise UsageError(
        f"store {url!r}",
        "no store",
        "Name a directory, s3://bucket, s3://bucket/prefix or memory://.",
    )


def _directory(path: str) -> LocalStore:
    try:
        return LocalStore(os.path.abspath(path), mkdir=True)  # noqa: PTH100 - pathlib costs a cold start 3 ms
    except (OSError, BaseError) as error:
        what = str(error).partition("\n")[0]
        raise UsageError(f"store {path}", what, "Name a directory that can be made.") from error


def open_bucket(bucket: str, prefix: str, environment: Mapping[str, str]) -> S3Store:
    """A bucket below `prefix`, or all of it, for whoever stores more than artifacts."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    endpoint = endpoint_of(environment, region)
    config: S3Config = {
        "aws_endpoint_url_s3": endpoint,
        "region": region,
        "virtual_hosted_style_request": False,  # a bucket's name is no host under an IP address
    }
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options=client_options(endpoint, environment),
            retry_config=_RETRY,
            credential_provider=credentials(environment),
        )
    except BaseError as error:
        raise translated(f"s3://{bucket}", error) from error


def endpoint_of(environment: Mapping[str, str], region: str) -> str:
    """Where S3 answers: its own endpoint before that of all services; AWS itself by default."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        if endpoint := environment.get(name, "").rstrip("/"):
            if not endpoint.startswith(("http://", "https://")):
                raise ConfigurationError(name, f"{endpoint!r} is no http:// or https:// address")
            return endpoint
    return f"https://s3.{region}.amazonaws.com"


def client_options(endpoint: str, environment: Mapping[str, str]) -> "ClientConfig":
    """HTTP only where the endpoint says so; the CA of AWS_CA_BUNDLE or SSL_CERT_FILE is trusted."""
    options: ClientConfig = {
        "allow_http": endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=5),
    }
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        if path := environment.get(name):
            options["root_certificate"] = _certificates(name, path)
            break
    return options


def _certificates(name: str, path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see _directory
            return file.read()
    except OSError as error:
        raise ConfigurationError(
            name, f"{path} cannot be read: {error.strerror}", "Point it at a PEM file, or unset it."
        ) from error
