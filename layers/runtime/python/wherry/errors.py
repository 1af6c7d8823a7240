"""
Every error that Wherry raises on purpose, in one tree. The second level says who must act.

WherryError
├── RequestError                 the caller must change the request
│   ├── NotFoundError            no such model, version or path here
│   └── TooLargeError            the request or its answer is over a limit
├── UsageError                   the person at the command must change the command
├── ConfigurationError           a file or an environment variable must be changed
├── ArtifactError                the artifact cannot be used
│   ├── MissingArtifactError     nothing is stored under that name or digest
│   ├── IntegrityError           the bytes are not the ones that were published
│   └── ParityError              the converted model does not answer like the trained one
├── ToolError                    something must be installed or started on this machine
├── CloudError                   AWS (or the local one) refused or is in a state that needs a person
│   ├── CredentialsError         who you are is missing, wrong or expired
│   └── ConflictError            somebody else moved it first
├── RefusedError                 a check judged no: nothing was changed
│   └── UnsafeError              a file could do harm, and was not opened
└── ModelError                   the model itself failed on a valid request

Errors know no HTTP status and no exit code: `wherry.http` and `cli.__main__` each hold one table.
"""


class WherryError(Exception):
    """
    An error with three parts: where it happened, what happened, and what to do next.

    `where` names a file and key, a tensor, a stack or a command; `todo` is an order ("run …"), or
    empty when the message leaves only one thing to do.
    """

    def __init__(self, where: str, what: str, todo: str = "") -> None:
        super().__init__(where, what, todo)
        self.where = where
        self.what = what
        self.todo = todo

    def __str__(self) -> str:
        told = f"{self.where}: {self.what}" if self.where else self.what
        return f"{told}. {self.todo}" if self.todo else told


class RequestError(WherryError):
    """The request is not one that this model can answer."""


class NotFoundError(RequestError):
    """There is no such model, version or path here."""


class TooLargeError(RequestError):
    """The request, or the answer to it, is over a limit."""


class UsageError(WherryError):
    """The command, as typed, cannot be done."""


class ConfigurationError(WherryError):
    """A file or an environment variable has a value that is not allowed."""


class ArtifactError(WherryError):
    """The artifact cannot be used."""


class MissingArtifactError(ArtifactError):
    """Nothing is stored under that name or digest."""


class IntegrityError(ArtifactError):
    """The bytes are not the ones that were published."""


class ParityError(ArtifactError):
    """The converted model does not answer like the trained one."""


class ToolError(WherryError):
    """Something must be installed or started on this machine."""


class CloudError(WherryError):
    """AWS, or the local one, refused, or is in a state that needs a person."""


class CredentialsError(CloudError):
    """Who you are is missing, wrong or expired."""


class ConflictError(CloudError):
    """Somebody else moved it first."""


class RefusedError(WherryError):
    """A check judged no; nothing was changed."""


class UnsafeError(RefusedError):
    """A file could do harm if it were opened, so it was not."""


class ModelError(WherryError):
    """The model failed on a request that is valid."""
