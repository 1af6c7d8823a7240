"""The GET half: health and metadata. A service that exists is ready."""

from collections.abc import Callable, Mapping

from wherry.errors import NotFoundError
from wherry.http.errors import json_reply
from wherry.http.hooks import Chooser
from wherry.http.wire import Reply, Request
from wherry.protocol import metadata
from wherry.protocol.signature import quoted
from wherry.release import Release
from wherry.service import Service

Parameters = Mapping[str, str]
Endpoint = Callable[[Request, Parameters], Reply]
Tell = Callable[[], object]
TellOf = Callable[[Service], object]


def check_addressed(parameters: Parameters, release: Release) -> None:
    """Raise NotFoundError unless the path names this release's model and, if any, its version."""
    model = parameters["model"]
    version = parameters.get("version", str(release.version))
    if model != release.model:
        raise NotFoundError(
            f"model {quoted(model)}", f"it is not served here; {quoted(release.model)} is"
        )
    if version != str(release.version):
        raise NotFoundError(
            f"model {quoted(model)}",
            f"version {quoted(version)} is not served here; {quoted(str(release.version))} is",
        )


class Descriptions:
    """
    What is here, and that it is ready.

    Of a version in the path, `chooser` says whose it is, where there is one; it is then loaded.
    """

    def __init__(self, service: Service, chooser: Chooser | None = None) -> None:
        self._service = service
        self._chooser = chooser

    def endpoints(self) -> Mapping[str, Endpoint]:
        """By the names of the routes."""
        model = self._service.release.model
        of_server: Mapping[str, Tell] = {
            "server": metadata.server,
            "live": lambda: {"live": True},
            "ready": lambda: {"ready": True},
            "models": lambda: {"models": [model]},
        }
        of_model: Mapping[str, TellOf] = {
            "model": lambda told: metadata.model(told.release, told.manifest),
            "model_ready": lambda told: {"name": told.release.model, "ready": True},
            "config": lambda told: metadata.config(told.release, told.manifest, told.limits),
            "stats": lambda told: metadata.stats(told.release, told.statistics),
        }
        return {
            **{name: _always(tell) for name, tell in of_server.items()},
            **{name: self._addressed(tell) for name, tell in of_model.items()},
        }

    def _addressed(self, tell: TellOf) -> Endpoint:
        def endpoint(request: Request, parameters: Parameters) -> Reply:
            service = self._service
            if self._chooser is not None and "version" in parameters:
                service = self._chooser.choose(request, parameters).service
            check_addressed(parameters, service.release)
            return json_reply(tell(service))

        return endpoint


def _always(tell: Tell) -> Endpoint:
    return lambda _, __: json_reply(tell())
