"""A few models behind every front, each served once for all tests of this folder."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from tests.support.gateway import FRONTS, Asgi, Front, gateway
from tests.support.in_process import InProcess
from tests.support.live import served
from tests.support.onnx_models import every_datatype, identity, scaled
from tests.support.services import service_of
from wherry.http import App
from wherry.http.lambda_events import handler_for

DIRECT = "uvicorn"
LIVE = (DIRECT, *FRONTS)


@dataclass(frozen=True)
class Fronts:
    """Where each model answers behind each front; started when first asked for."""

    stack: ExitStack
    apps: dict[str, App]
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def place(self, front: str, model: str = "tiny") -> str:
        """Host, port and base path, as tritonclient and `mlserver infer` want them."""
        if (front, model) not in self.places:
            self.places[front, model] = self._started(front, model)
        return self.places[front, model]

    def url(self, front: str, model: str = "tiny") -> str:
        """The same with its scheme, as KServe's client and httpx want it."""
        return f"http://{self.place(front, model)}"

    def place_behind(self, front: Front, model: str = "tiny") -> str:
        """Behind a front of the test's own."""
        handler = handler_for(self.apps[model])
        return self._served(self.stack.enter_context(gateway(front, handler)), front.stage)

    def _started(self, front: str, model: str) -> str:
        if front == DIRECT:
            return self._served(self.apps[model])
        return self.place_behind(FRONTS[front], model)

    def _served(self, app: Asgi, stage: str = "") -> str:
        place = self.stack.enter_context(served(app))
        return f"{place}/{stage}" if stage else place


@pytest.fixture(scope="session")
def callers(fronts: Fronts) -> Iterator[Mapping[str, httpx.Client]]:
    """Before the `scaled` model, by each front and with none at all."""
    with ExitStack() as stack:
        direct = httpx.Client(transport=InProcess(fronts.apps["tiny"]), base_url="http://test")
        behind = {
            front: httpx.Client(base_url=fronts.url(front), trust_env=False) for front in LIVE
        }
        yield {
            name: stack.enter_context(client)
            for name, client in {"in process": direct, **behind}.items()
        }


@pytest.fixture(scope="session")
def fronts() -> Iterator[Fronts]:
    apps = {
        "tiny": App(service_of(scaled())),
        "every": App(service_of(every_datatype())),
        "bf16": App(service_of(identity("BF16", (-1, 2)))),
    }
    with ExitStack() as stack:
        yield Fronts(stack, apps)
