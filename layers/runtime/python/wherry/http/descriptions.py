"""The GET half: health and metadata. A service that exists is ready."""

from collections.abc import Callable, Mapping

from wherry.errors import NotFoundError
from wherry.http.errors import json_reply
from wherry.http.wire import Reply, Request
from wherry.protocol import metadata
from wherry.protocol.signature import quoted
from wherry.release import Release
from wherry.service import Service

Parameters = Mapping[str, str]
Endpoint = Callable[[Request, Parameters], Reply]
Tell = Callable[[], object]


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
    """What is here, and that it is ready."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._release = service.release

    def endpoints(self) -> Mapping[str, Endpoint]:
        """By the names of the routes."""
        service, release = self._service, self._release
        of_server: Mapping[str, Tell] = {
            "server": metadata.server,
            "live": lambda: {"live": True},
            "ready": lambda: {"ready": True},
            "models": lambda: {"models": [release.model]},
        }
        of_model: Mapping[str, Tell] = {
            "model": lambda: metadata.model(release, service.manifest),
            "model_ready": lambda: {"name": release.model, "ready": True},
            "config": lambda: metadata.config(release, service.manifest, service.limits),
            "stats": lambda: metadata.stats(release, service.statistics),
        }
        return {
            **{name: _always(tell) for name, tell in of_server.items()},
            **{name: self._addressed(tell) for name, tell in of_model.items()},
        }

    def _addressed(self, tell: Tell) -> Endpoint:
        def endpoint(_: Request, parameters: Parameters) -> Reply:
            check_addressed(parameters, self._release)
            return json_reply(tell())

        return endpoint


def _always(tell: Tell) -> Endpoint:
    return lambda _, __: json_reply(tell())
