"""What functions sign for others: a URL must open wherever it is read."""

import base64
from collections.abc import Callable
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import Record, wrap

INSIDE, OUTSIDE = "host.docker.internal", "127.0.0.1"


def sign_urls_for_everybody(apigateway_v1: ModuleType, s3: ModuleType, port: str) -> None:
    """
    AWS has one name for S3, inside of functions and outside. Here functions in containers have
    their own for the emulator, which signs what they presign: callers could not look it up, and
    what is asked for by another name has another signature.
    """

    def shaping(original: Any) -> Callable[..., Any]:
        def shaped(result: Record) -> tuple[Any, str | None]:
            response, error = original(result)
            return opened(response, port) if isinstance(response, dict) else response, error

        return shaped

    def verifying(original: Any) -> Callable[..., Any]:
        def verify(method: str, path: str, headers: Record, query: Record) -> Any:
            refused = original(method, path, headers, query)
            if refused is None:
                return None
            return original(method, path, {**headers, "host": f"{INSIDE}:{port}"}, query)

        return verify

    wrap(apigateway_v1, "_lambda_proxy_response", shaping)
    wrap(s3, "_verify_presigned_sigv4", verifying)


def opened(response: Record, port: str) -> Record:
    """What a function answered, with the name that is known outside."""
    body, inside = response.get("body"), f"{INSIDE}:{port}".encode()
    if not isinstance(body, str):
        return response
    data = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    if inside not in data:
        return response
    data = data.replace(inside, f"{OUTSIDE}:{port}".encode())
    told = base64.b64encode(data) if response.get("isBase64Encoded") else data
    return {**response, "body": told.decode()}
