"""
What AWS refused, in our words: one table from botocore's errors to Wherry's.

It decides by error code, never by searching the message, except for the one thing that only the
message tells: which permission is missing. botocore is imported when an error is there to be
looked at, so that this module costs nothing to import.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wherry.errors import (
    CloudError,
    ConfigurationError,
    ConflictError,
    CredentialsError,
    WherryError,
)

LOGIN = "Sign in again (for example `aws sso login`), or pass --profile."
TRUST = "Point AWS_CA_BUNDLE at the PEM file of the CA that signed its certificate."
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthFailure",
}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}
ABSENT = {"ResourceNotFoundException", "NotFoundException", "ResourceNotFound"}
CONFLICT = {
    "PreconditionFailedException",
    "PreconditionFailed",
    "ResourceConflictException",
    "ConditionalCheckFailedException",
    "ConflictException",
}


@contextmanager
def translated(where: str, *, absent: WherryError | None = None) -> Iterator[None]:
    """Raise our error for whatever botocore raises inside; `absent` if AWS has no such thing."""
    try:
        yield
    except WherryError:
        raise
    except Exception as error:
        told = _translate(where, error, absent)
        if told is None:
            raise
        raise told from error


def _translate(where: str, error: Exception, absent: WherryError | None) -> WherryError | None:
    from botocore import exceptions as boto

    if isinstance(error, boto.ClientError):
        return _refused(where, error, absent)
    for kinds, told in (
        (
            boto.ProfileNotFound,
            CredentialsError(where, str(error), "Pass a --profile that exists."),
        ),
        (
            (boto.NoCredentialsError, boto.PartialCredentialsError),
            CredentialsError(where, "there are no AWS credentials", LOGIN),
        ),
        (
            (boto.TokenRetrievalError, boto.SSOError, boto.CredentialRetrievalError),
            CredentialsError(where, f"the AWS credentials are no longer good ({error})", LOGIN),
        ),
        (
            boto.SSLError,
            CloudError(where, f"no safe connection to AWS ({error})", TRUST),
        ),
        (
            (boto.HTTPClientError, boto.ConnectionError),
            CloudError(where, f"no answer from AWS ({error})", "Check the network; try again."),
        ),
        (boto.BotoCoreError, CloudError(where, str(error))),
        # botocore's own word for an address in AWS_ENDPOINT_URL that is none
        (ValueError, _endpoint(where, error)),
    ):
        if isinstance(error, kinds):
            return told
    return None


def _endpoint(where: str, error: Exception) -> WherryError | None:
    if str(error).startswith("Invalid endpoint"):
        return ConfigurationError(where, str(error), "Correct AWS_ENDPOINT_URL, or unset it.")
    return None


def _refused(where: str, error: Any, absent: WherryError | None) -> WherryError:
    code = error.response["Error"].get("Code", "")
    if code in ABSENT and absent is not None:
        return absent
    for codes, told in (
        (EXPIRED, CredentialsError(where, "the AWS credentials have expired", LOGIN)),
        (UNKNOWN, CredentialsError(where, f"AWS does not know these credentials ({code})", LOGIN)),
        (DENIED, CloudError(where, *_denied(error))),
        (THROTTLED, CloudError(where, "AWS limits these requests for now", "Try again soon.")),
        (CONFLICT, ConflictError(where, "somebody else changed it", "Look again, then decide.")),
    ):
        if code in codes:
            return told
    return CloudError(where, str(error))


def _denied(error: Any) -> tuple[str, str]:
    """What is not allowed, to whom, and what to ask for."""
    message = error.response["Error"].get("Message", "")
    said = re.search(r"(?:User: (\S+) is )?not authorized to perform: ([\w-]+:\w+)", message)
    action = said.group(2) if said else error.operation_name
    who = (said.group(1) if said else None) or "this identity"
    return f"{who} may not do {action}", f"Ask for the permission {action}."
