"""Which model and version a path names, held against the one that is here."""

from fastapi import Request

from wherry.errors import NotFoundError
from wherry.protocol.signature import quoted
from wherry.release import Release


def check_addressed(request: Request, release: Release) -> None:
    """Raise NotFoundError unless the path names this release's model and, if any, its version."""
    model = request.path_params["model"]
    version = request.path_params.get("version", str(release.version))
    if model != release.model:
        raise NotFoundError(
            f"model {quoted(model)}", f"it is not served here; {quoted(release.model)} is"
        )
    if version != str(release.version):
        raise NotFoundError(
            f"model {quoted(model)}",
            f"version {quoted(version)} is not served here; {quoted(str(release.version))} is",
        )
