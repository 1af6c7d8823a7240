"""
Sends what waits for the shadow, in a thread of its own, after the answer is out.

A thread of a Lambda function may be frozen at any moment once the answer is out, unless it is an
*internal extension*: Lambda gives the answer to the caller, and freezes the environment only when
the extension asks for its next event. What it spends is billed, and no caller waits for it.
AWS Lambda Developer Guide, "Using the Lambda Extensions API to create extensions".
"""

import logging
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from time import sleep

from wherry.errors import CloudError
from wherry.shadow.circuit import Circuit
from wherry.shadow.queue import Item, Queue
from wherry.shadow.sender import AbsentError, HangsError, Sender

NAME = "wherry-shadow"
AGAIN = 1.0  # seconds until the runtime API is asked again, which has failed
GRACE = 0.02  # seconds; the answer goes out first, and has the processor to itself meanwhile
_ANSWER = 1 << 16

_logger = logging.getLogger("wherry.shadow")


class Sending:
    """Sends all that waits; what fails opens the circuit, and is told of once each time."""

    def __init__(self, queue: Queue, sender: Sender, circuit: Circuit) -> None:
        self._queue = queue
        self._sender = sender
        self._circuit = circuit

    def all(self) -> None:
        """Never raise: nobody would hear it."""
        for item in self._queue.drain():
            if not self._circuit.is_open:
                self._one(item)

    def end(self) -> None:
        """Nothing is sent any more."""
        self._sender.close()

    def _one(self, item: Item) -> None:
        try:
            self._sender.send(item())
        except AbsentError:
            self._circuit.failed(at_once=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no caller's business
            self._circuit.failed(at_once=isinstance(error, HangsError))
            if self._circuit.is_open or not isinstance(error, CloudError):
                _logger.warning("the shadow was not reached: %s", error)
        else:
            self._circuit.succeeded()


class Extension:
    """
    As an extension of the Lambda environment whose runtime API answers at `api`, "host:port".

    `answered` is called at the end of each invocation, whatever became of it.
    """

    def __init__(
        self,
        sending: Sending,
        queue: Queue,
        api: str,
        *,
        rest: Callable[[float], object] = sleep,
    ) -> None:
        self._sending = sending
        self._queue = queue
        self._rest = rest
        self._done = Event()
        self._connection = HTTPConnection(api)
        self._id = ""

    def start(self) -> None:
        """Register, which must be while Lambda starts the environment; then serve on."""
        headers = {"Lambda-Extension-Name": NAME}
        told = self._asked("POST", "register", headers, b'{"events":["INVOKE"]}')
        self._connection.close()  # the thread makes its own
        self._id = told["lambda-extension-identifier"]
        Thread(target=self._run, name=NAME, daemon=True).start()

    def answered(self) -> None:
        self._done.set()

    def _run(self) -> None:
        while self._invoked():
            self._done.wait()
            self._done.clear()
            if len(self._queue):
                self._rest(GRACE)
                self._sending.all()
        self._sending.end()

    def _invoked(self) -> bool:
        """
        Wait for the next invocation; False where there is nobody to ask: the environment ends.

        Asked until it is told: an extension that asks no more holds up the environment.
        """
        while True:
            try:
                self._asked("GET", "event/next", {"Lambda-Extension-Identifier": self._id})
            except ConnectionRefusedError:
                return False
            except (CloudError, OSError, HTTPException) as error:
                _logger.warning("the extensions API: %s", error)
                self._rest(AGAIN)
            else:
                return True

    def _asked(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> dict[str, str]:
        """The headers of the answer; with an error, the connection is closed."""
        try:
            self._connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
            answer = self._connection.getresponse()
            answer.read(_ANSWER)
        except (OSError, HTTPException):
            self._connection.close()
            raise
        if answer.status != 200:  # noqa: PLR2004 - OK
            self._connection.close()
            raise CloudError(f"the extension {NAME}", f"{path}: status {answer.status}")
        return {name.lower(): value for name, value in answer.getheaders()}
