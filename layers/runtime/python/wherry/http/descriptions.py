"""The GET half: health and metadata. A service that exists is ready."""

from collections.abc import Callable, Mapping

from wherry import __version__
from wherry.errors import NotFoundError
from wherry.http.errors import json_reply
from wherry.http.wire import Reply, Request
from wherry.manifest import TensorSpec
from wherry.protocol.signature import quoted
from wherry.release import Release
from wherry.service import Service

PLATFORM = "onnx_onnxv1"
EXTENSIONS = ("binary_tensor_data", "model_configuration", "parameters", "statistics")

Parameters = Mapping[str, str]


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

    def endpoints(self) -> Mapping[str, Callable[[Request, Parameters], Reply]]:
        """By the names of the routes."""
        of_server = {
            "server": self._server,
            "live": lambda: {"live": True},
            "ready": lambda: {"ready": True},
            "models": lambda: {"models": [self._release.model]},
        }
        of_model = {
            "model": self._model,
            "model_ready": lambda: {"name": self._release.model, "ready": True},
        }
        return {
            **{name: self._always(tell) for name, tell in of_server.items()},
            **{name: self._addressed(tell) for name, tell in of_model.items()},
        }

    def _always(self, tell: Callable[[], object]) -> Callable[[Request, Parameters], Reply]:
        return lambda _, __: json_reply(tell())

    def _addressed(self, tell: Callable[[], object]) -> Callable[[Request, Parameters], Reply]:
        def endpoint(_: Request, parameters: Parameters) -> Reply:
            check_addressed(parameters, self._release)
            return json_reply(tell())

        return endpoint

    def _server(self) -> object:
        return {"name": "wherry", "version": __version__, "extensions": EXTENSIONS}

    def _model(self) -> object:
        manifest = self._service.manifest
        return {
            "name": self._release.model,
            "versions": [str(self._release.version)],
            "platform": PLATFORM,
            "inputs": [_told(spec) for spec in manifest.inputs],
            "outputs": [_told(spec) for spec in manifest.outputs],
        }


def _told(spec: TensorSpec) -> dict[str, object]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": spec.shape}
