"""The app, whose predictions are computed in batches while that pays."""

from functools import partial
from typing import Any

from wherry.engine import Engine
from wherry.http import App
from wherry.http.wire import Reply, Request
from wherry.independence import rows_are_independent
from wherry.service import Service
from wherry_control.batching.batches import Batches
from wherry_control.batching.switch import Switch


class BatchingApp(App):
    """
    For one event loop; `parts` are those of any App. A model whose rows are not independent is
    never batched, and of an experiment's arms the control alone is.
    """

    def __init__(self, service: Service, *, switch: Switch | None = None, **parts: Any) -> None:
        super().__init__(service, **parts)
        self._batches: Batches | None = None
        self._switch = switch or Switch()
        service.compute_by(self._batching)

    def _batching(self, engine: Engine) -> Engine:
        if not rows_are_independent(engine, self.service.manifest):
            return engine
        self._batches = Batches(engine)
        return self._batches

    async def answer_soon(self, request: Request) -> Reply:
        batches = self._batches
        if batches is None:
            return self.answer(request)
        if self._switch.batching:
            reply = await batches.answer(partial(self.answer, request))
        else:
            reply = self.answer(request)
        self._switch.answered(batches.begun)
        return reply
