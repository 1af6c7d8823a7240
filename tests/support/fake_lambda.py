"""Lambda in memory, as far as releases and rollouts use it: versions, one alias, its revisions."""

from collections.abc import Callable, Mapping
from typing import Any

from wherry.errors import CloudError, ConflictError, ModelError
from wherry_control.functions import LATEST, FunctionVersion, Live, Traffic

Handler = Callable[[Mapping[str, Any]], dict[str, Any]]


class FakeLambda:
    """One function; it refuses what Lambda refuses of an alias, with the same kinds of errors."""

    def __init__(self, function: str = "wherry-dev-iris") -> None:
        self.function = function
        self.moves: list[Traffic] = []
        self._versions: dict[str, FunctionVersion] = {}
        self._handlers: dict[str, Handler] = {}
        self._live: Live | None = None
        self._revision = 0

    def publish(self, version: FunctionVersion, handler: Handler | None = None) -> None:
        """Publish a version; the first one becomes live, as the stack's custom resource has it."""
        self._versions[version.version] = version
        self._handlers[version.version] = handler or (lambda _event: {"statusCode": 200})
        if self._live is None:
            self._live = Live(Traffic(version.version), "revision-0")

    def live(self, function: str) -> Live:
        if function != self.function or self._live is None:
            raise CloudError(function, "it is not deployed here")
        return self._live

    def move(self, function: str, wanted: Traffic, *, revision: str) -> Live:
        live = self.live(function)
        if revision != live.revision:
            raise ConflictError(function, "somebody else changed it")
        for name in filter(None, (wanted.stable, wanted.candidate)):
            if name == LATEST or name not in self._versions:
                raise CloudError(function, f"cannot route to {name}")
        if wanted.stable == wanted.candidate:
            raise CloudError(function, "already included in routing configuration")
        self._revision += 1
        self._live = Live(wanted, f"revision-{self._revision}")
        self.moves.append(wanted)
        return self._live

    def versions(self, function: str) -> list[FunctionVersion]:
        self.live(function)
        return sorted(self._versions.values(), key=lambda item: int(item.version))

    def delete(self, function: str, version: str) -> None:
        traffic = self.live(function).traffic
        if version in (traffic.stable, traffic.candidate):
            raise ConflictError(function, f"an alias names {version}")
        if version not in self._versions:
            raise CloudError(f"{function}:{version}", "there is no such version")
        del self._versions[version], self._handlers[version]

    def invoke(self, function: str, version: str, event: Mapping[str, Any]) -> dict[str, Any]:
        self.live(function)
        try:
            return self._handlers[version](event)
        except Exception as error:
            raise ModelError(f"{function}:{version}", str(error)) from error
