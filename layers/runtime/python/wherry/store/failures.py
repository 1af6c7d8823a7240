"""
What storage says when it fails, made into our errors: who must act, and what to do.

obstore gives a few classes, and for the rest only text: S3's own error code inside an XML answer,
and the cause inside a printout of its Rust internals. Both are looked for here and nowhere else,
and the printout is never shown.
"""

import re
from typing import NamedTuple

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from wherry.errors import CloudError, CredentialsError, MissingArtifactError, WherryError

SIGN_IN = "Sign in again (for instance with `aws sso login`), or export fresh AWS_ACCESS_KEY_ID …"
NO_BUCKET = "NoSuchBucket"

_S3_CODE = re.compile(r"<Code>(\w+)</Code>")
_NOISE = re.compile(
    r"^(Generic \S+ error: )+|^The operation lacked .* credential provider: CredentialsError: "
    r"| in [0-9.]+[a-zµ]+(, after \d+ retries.*?)?(?=  ?- )"
)


class _Kind(NamedTuple):
    sign: str
    error: type[WherryError]
    what: str
    todo: str


_KINDS = (
    _Kind(
        NO_BUCKET, MissingArtifactError, "there is no such bucket",
        "Name one that is there; `wherry deploy --bootstrap --store` makes the model store's own.",
    ),
    _Kind("InvalidAccessKeyId", CredentialsError, "AWS does not know the access key", SIGN_IN),
    _Kind("ExpiredToken", CredentialsError, "the credentials have expired", SIGN_IN),
    _Kind("InvalidToken", CredentialsError, "AWS refuses the session token", SIGN_IN),
    _Kind("SignatureDoesNotMatch", CredentialsError, "AWS refuses the secret key", SIGN_IN),
    _Kind("169.254.169.254", CredentialsError, "no AWS credentials were found", SIGN_IN),
    _Kind(
        "AccessDenied", CloudError, "access denied",
        "Allow it in the role or the bucket's policy. (To who may not list the bucket, AWS says "
        "the same of an object that is not there.)",
    ),
    _Kind(
        "InvalidCertificate", CloudError, "the server's certificate is not trusted",
        "Point AWS_CA_BUNDLE at the PEM file of the CA that signed it.",
    ),
    _Kind(
        "No CA certificates", CloudError, "this system has no CA certificates at all",
        "Install its ca-certificates package, or point SSL_CERT_FILE at a PEM file.",
    ),
    _Kind(
        "kind: Connect", CloudError, "nobody answers there",
        "Start it (`wherry local up` starts the local AWS), or correct AWS_ENDPOINT_URL.",
    ),
)  # fmt: skip


def translated(url: str, error: BaseError | OSError) -> WherryError:
    """Make the error of ours that says what happened to the store at `url`."""
    text = str(error)
    code = match[1] if (match := _S3_CODE.search(text)) else ""
    for kind in _KINDS:
        if kind.sign in (code or text):
            return kind.error(url, kind.what, kind.todo)
    what = _NOISE.sub("", code or text.partition("\n")[0])
    if isinstance(error, UnauthenticatedError):
        return CredentialsError(url, what, SIGN_IN)
    if isinstance(error, PermissionDeniedError | PermissionError):
        return CloudError(url, what, "Allow this user to read and write it.")
    return CloudError(url, what, "Put that right, then repeat the command: it resumes.")
