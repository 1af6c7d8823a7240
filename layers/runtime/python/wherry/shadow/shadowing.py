"""
Which requests a candidate answers too, unseen: a share of them, by the bits of their ids.

In the caller's time nothing happens but that a request is put aside. It costs nothing at all while
no shadow is there or none answers, and a request that finds no room is not shadowed.
"""

import logging
from collections.abc import Callable, Mapping
from http.client import HTTPException

from wherry.errors import CloudError
from wherry.http.hooks import Chosen
from wherry.http.wire import Request
from wherry.service import Answer, Service
from wherry.settings import Settings
from wherry.shadow.circuit import Circuit
from wherry.shadow.events import Objects, Outputs, to_event, told_of
from wherry.shadow.extension import Extension, Sending
from wherry.shadow.queue import Queue
from wherry.shadow.sender import LambdaSender

_DIGITS = 8  # of an id, which is hexadecimal and random
_logger = logging.getLogger("wherry.shadow")
_API, _NAME = "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME"


class Shadow:
    """
    Puts answered requests of `service` into `queue`; `objects` opens the store of documents.

    `answered` is to be called at the end of each invocation, of whatever kind it was.
    """

    def __init__(
        self,
        service: Service,
        share: float,
        queue: Queue,
        circuit: Circuit,
        objects: Callable[[], Objects],
        answered: Callable[[], None],
    ) -> None:
        self._service = service
        self._below = share * 16**_DIGITS
        self._queue = queue
        self._circuit = circuit
        self._objects = objects
        self.answered = answered

    def after(self, prediction_id: str, request: Request, answer: Answer, chosen: Chosen) -> None:
        """Not of probes, and of no other arm of an experiment than the control."""
        if int(prediction_id[:_DIGITS], 16) >= self._below or request.probe:
            return
        if answer.seen is None or chosen.service is not self._service or self._circuit.is_open:
            return
        outputs = answer.seen[1]
        self._queue.put(
            lambda: self._event(prediction_id, request, outputs),
            len(request.body) + sum(array.nbytes for array in outputs.values()),
        )

    def _event(self, prediction_id: str, request: Request, outputs: Outputs) -> bytes:
        told = told_of(prediction_id, self._service.release.name, request, outputs)
        return to_event(told, self._objects)


def lambda_shadow(
    settings: Settings, service: Service, environment: Mapping[str, str]
) -> Shadow | None:
    """Of the function that `environment` is of; None outside of Lambda, or where it takes none."""
    if not environment.get(_API) or not environment.get(_NAME):
        return None
    queue, circuit = Queue(), Circuit()
    sending = Sending(queue, LambdaSender(environment), circuit)
    extension = Extension(sending, queue, environment[_API])
    try:
        extension.start()
    except (CloudError, OSError, HTTPException):
        _logger.exception("there is no shadow: Lambda takes no extension")
        return None
    objects = store_of(settings, environment)
    return Shadow(service, settings.shadow_share, queue, circuit, objects, extension.answered)


def store_of(settings: Settings, environment: Mapping[str, str]) -> Callable[[], Objects]:
    """Opened when a document is first too large for an event."""

    def opened() -> Objects:
        from wherry.store.settings import open_objects

        return open_objects(settings.store, environment)

    return opened
