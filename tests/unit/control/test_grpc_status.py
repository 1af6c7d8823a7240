"""What a gRPC caller is told of an HTTP status, and which paths its names can reach."""

import pytest
from grpc import StatusCode

from wherry.errors import NotFoundError
from wherry.http.wire import Reply
from wherry_control.grpc.front import METHODS
from wherry_control.grpc.status import LONGEST, code_of, told_by


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, StatusCode.INVALID_ARGUMENT),
        (401, StatusCode.UNAUTHENTICATED),
        (403, StatusCode.PERMISSION_DENIED),
        (404, StatusCode.NOT_FOUND),
        (405, StatusCode.UNIMPLEMENTED),
        (413, StatusCode.RESOURCE_EXHAUSTED),
        (429, StatusCode.UNAVAILABLE),
        (500, StatusCode.INTERNAL),
        (502, StatusCode.UNAVAILABLE),
        (503, StatusCode.UNAVAILABLE),
        (504, StatusCode.DEADLINE_EXCEEDED),
        (307, StatusCode.INTERNAL),
        (599, StatusCode.INTERNAL),
    ],
)
def test_each_status_has_its_code(status: int, code: StatusCode) -> None:
    assert code_of(status) is code


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": "input \\"x\\": no"}', 'input "x": no'),
        (b'{"message": "Forbidden"}', "Forbidden"),
        (b"<html>\nGone", "<html>"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        (b"", "no body"),
        (b'{"error": "' + b"x" * 5000 + b'"}', "x" * LONGEST),
    ],
)
def test_an_error_says_what_the_body_says_cut_to_what_grpc_carries(body: bytes, words: str) -> None:
    assert told_by(Reply(400, {}, body)) == words


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a?b", "a%2fb", "a b", "é", "a\n"])
@pytest.mark.parametrize("method", ["ModelReady", "ModelMetadata"])
def test_a_name_that_could_lead_to_another_path_is_not_found(method: str, name: str) -> None:
    takes, write = METHODS[method].takes, METHODS[method].write

    with pytest.raises(NotFoundError):
        write(takes(name=name))
    with pytest.raises(NotFoundError):
        write(takes(name="tiny", version=name or "/"))


def test_a_version_is_a_part_of_the_path_where_one_is_told() -> None:
    asked = METHODS["ModelReady"]

    assert asked.write(asked.takes(name="a-1")).path == "/v2/models/a-1/ready"
    assert asked.write(asked.takes(name="a", version="2")).path == "/v2/models/a/versions/2/ready"
