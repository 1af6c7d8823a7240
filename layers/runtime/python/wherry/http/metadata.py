"""Health and metadata: what is here, and that it is ready. A service that exists is ready."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request

from wherry import __version__
from wherry.http.address import check_addressed
from wherry.http.replies import JsonReply
from wherry.manifest import TensorSpec
from wherry.service import Service

PLATFORM = "onnx_onnxv1"


class Metadata:
    """The GET half of the protocol."""

    def __init__(self, service: Service) -> None:
        self._release = service.release
        self._manifest = service.manifest

    def router(self) -> APIRouter:
        """Every path that the protocol has for reading."""
        router = APIRouter()
        for path, endpoint in self._endpoints().items():
            router.add_api_route(path, endpoint, methods=["GET"])
        return router

    def _endpoints(self) -> Mapping[str, Callable[..., Awaitable[JsonReply]]]:
        return {
            "/v2": self.server,
            "/v2/health/live": self.live,
            "/v2/health/ready": self.ready,
            "/v2/models/{model}": self.model,
            "/v2/models/{model}/ready": self.model_ready,
            "/v2/models/{model}/versions/{version}": self.model,
            "/v2/models/{model}/versions/{version}/ready": self.model_ready,
        }

    async def server(self) -> JsonReply:
        return JsonReply({"name": "wherry", "version": __version__, "extensions": []})

    async def live(self) -> JsonReply:
        return JsonReply({"live": True})

    async def ready(self) -> JsonReply:
        return JsonReply({"ready": True})

    async def model(self, request: Request) -> JsonReply:
        check_addressed(request, self._release)
        return JsonReply(
            {
                "name": self._release.model,
                "versions": [str(self._release.version)],
                "platform": PLATFORM,
                "inputs": [_told(spec) for spec in self._manifest.inputs],
                "outputs": [_told(spec) for spec in self._manifest.outputs],
            }
        )

    async def model_ready(self, request: Request) -> JsonReply:
        check_addressed(request, self._release)
        return JsonReply({"name": self._release.model, "ready": True})


def _told(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": spec.shape}
