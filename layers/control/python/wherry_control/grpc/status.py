"""The one table from HTTP status to gRPC's, and what an error says."""

from collections.abc import Mapping
from http import HTTPStatus

from grpc import StatusCode

from wherry.http.wire import Reply
from wherry_control.predict import error_text

OK = HTTPStatus.OK
CODES: Mapping[int, StatusCode] = {
    HTTPStatus.BAD_REQUEST: StatusCode.INVALID_ARGUMENT,
    HTTPStatus.UNAUTHORIZED: StatusCode.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: StatusCode.PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: StatusCode.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: StatusCode.UNIMPLEMENTED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: StatusCode.RESOURCE_EXHAUSTED,
    HTTPStatus.TOO_MANY_REQUESTS: StatusCode.UNAVAILABLE,
    HTTPStatus.NOT_IMPLEMENTED: StatusCode.UNIMPLEMENTED,
    HTTPStatus.BAD_GATEWAY: StatusCode.UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: StatusCode.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: StatusCode.DEADLINE_EXCEEDED,
}
LONGEST = 1000  # characters; gRPC carries a message in a header


def code_of(status: int) -> StatusCode:
    """UNAVAILABLE is what a client may send again; RESOURCE_EXHAUSTED what it must make smaller."""
    return CODES.get(status, StatusCode.INTERNAL)


def told_by(reply: Reply) -> str:
    """The error's own words."""
    return error_text(reply.body.decode(errors="replace"))[:LONGEST]
