"""What AWS refused, in our words."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound, SSLError

from wherry.errors import (
    CloudError,
    ConfigurationError,
    ConflictError,
    CredentialsError,
    UsageError,
    WherryError,
)
from wherry_control.aws_errors import translated


def refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "UpdateAlias")


def told(error: Exception, absent: WherryError | None = None) -> WherryError:
    with pytest.raises(WherryError) as caught, translated("here", absent=absent):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (refused("ThrottlingException"), CloudError, "limits these requests"),
        (refused("ExpiredTokenException"), CredentialsError, "have expired"),
        (refused("PreconditionFailedException"), ConflictError, "somebody else"),
        (refused("SomethingNew", "odd"), CloudError, "odd"),
        (ProfileNotFound(profile="work"), CredentialsError, "work"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), CloudError, "no answer"),
        (SSLError(endpoint_url="https://127.0.0.1", error="x"), CloudError, "no safe connection"),
    ],
)
def test_each_refusal_becomes_the_error_of_who_must_act(
    error: Exception, kind: type[WherryError], said: str
) -> None:
    got = told(error)

    assert type(got) is kind
    assert said in got.what


def test_a_denied_call_names_the_permission_and_who_lacks_it() -> None:
    message = (
        "User: arn:aws:iam::1:role/ci is not authorized to perform: lambda:UpdateAlias on "
        "resource: arn:aws:lambda:eu-west-1:1:function:x"
    )

    got = told(refused("AccessDeniedException", message))

    assert got.what == "arn:aws:iam::1:role/ci may not do lambda:UpdateAlias"
    assert got.todo == "Ask for the permission lambda:UpdateAlias."


def test_a_denied_call_without_words_names_the_operation() -> None:
    assert "UpdateAlias" in told(refused("AccessDenied", "Access Denied")).what


def test_what_does_not_exist_is_the_callers_own_error() -> None:
    absent = CloudError("function", "it is not deployed here")

    assert told(refused("ResourceNotFoundException"), absent) is absent


def test_an_endpoint_that_is_none_is_told_of_its_variable() -> None:
    """Botocore raises a bare ValueError; any other one is a bug of ours."""
    error = told(ValueError("Invalid endpoint: foo"))

    assert isinstance(error, ConfigurationError)
    assert "AWS_ENDPOINT_URL" in error.todo
    with pytest.raises(ValueError, match="seven"), translated("here"):
        raise ValueError("seven")


def test_our_own_errors_and_bugs_pass_unchanged() -> None:
    ours = UsageError("--weight", "wrong")
    with pytest.raises(UsageError) as caught, translated("here"):
        raise ours
    assert caught.value is ours

    with pytest.raises(ZeroDivisionError), translated("here"):
        raise ZeroDivisionError
