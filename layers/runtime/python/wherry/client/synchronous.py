"""The client for ordinary code: it carries flows out one after another, several by threads."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import httpx
from numpy.typing import ArrayLike, NDArray

from wherry.client import carrying
from wherry.client.core import JOB_SECONDS, TIMEOUT, Core
from wherry.client.flow import Answer, Effect, Finished, Flow, NoAnswer, Pause, Send, Together, step
from wherry.client.handles import Job
from wherry.client.plain_payloads import Body
from wherry.client.predictions import PlainPrediction, Prediction
from wherry.client.retries import Retries
from wherry.client.turns import Turns

T = TypeVar("T")
Arrays = Mapping[str, ArrayLike] | NDArray[Any]
Rows = Sequence[Any] | Body


class Client:
    """
    Asks the server at `url`; may be used from several threads, and closed, or entered by `with`.

    `model` is meant where a call names none. `api_key` and `auth` say who asks: `auth` is httpx's,
    such as SigV4. `timeout` bounds one attempt and `job_timeout` a job that stands in for a
    request, in seconds. `transport` is httpx's; `sleep` waits.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        auth: httpx.Auth | None = None,
        timeout: float = TIMEOUT,
        retries: Retries = Retries(),  # noqa: B008 - it is frozen
        job_timeout: float = JOB_SECONDS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._core = Core(url, model, timeout, retries, job_timeout)
        self._headers = carrying.headers_of(api_key)
        self._http = httpx.Client(auth=auth, transport=transport, limits=carrying.LIMITS)
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Client({self._core})"

    @overload
    def predict(
        self, told: Arrays, *, model: str | None = None, outputs: Sequence[str] = ()
    ) -> Prediction: ...
    @overload
    def predict(self, told: Rows, *, model: str | None = None) -> PlainPrediction: ...
    def predict(self, told: Any, *, model: str | None = None, outputs: Sequence[str] = ()) -> Any:
        """
        Arrays by the names of the inputs, or one array, to the outputs; rows to plain predictions.

        Numbers are cast to the model's own datatypes where nothing but precision is lost. What is
        too large for one request, or takes too long, goes as a job where the server has jobs.
        """
        return self._run(self._core.predictor.predict(told, outputs, model))

    @overload
    def predict_many(
        self,
        told: Arrays,
        *,
        model: str | None = None,
        outputs: Sequence[str] = (),
        rows_per_request: int | None = None,
        concurrency: int = 4,
    ) -> Prediction: ...
    @overload
    def predict_many(
        self,
        told: Rows,
        *,
        model: str | None = None,
        rows_per_request: int | None = None,
        concurrency: int = 4,
    ) -> PlainPrediction: ...
    def predict_many(
        self,
        told: Any,
        *,
        model: str | None = None,
        outputs: Sequence[str] = (),
        rows_per_request: int | None = None,
        concurrency: int = 4,
    ) -> Any:
        """
        The same in several requests, at most `concurrency` at once; the answers come in order.

        Without `rows_per_request`, as many rows as the server's limits allow. An error says of
        which rows it is, and no further request is begun.
        """
        flow = self._core.predictor.predict_many(
            told, outputs, model, size=rows_per_request, most=concurrency
        )
        return self._run(flow)

    @overload
    def job(
        self, told: Arrays, *, model: str | None = None, outputs: Sequence[str] = ()
    ) -> Job[Prediction]: ...
    @overload
    def job(self, told: Rows, *, model: str | None = None) -> Job[PlainPrediction]: ...
    def job(self, told: Any, *, model: str | None = None, outputs: Sequence[str] = ()) -> Any:
        """Begin a job, and do not wait for it."""
        made = self._run(self._core.predictor.job(told, outputs, model))
        return Job(self._run, self._core.jobs, made.model, made.id)

    def find_job(self, job_id: str, *, model: str | None = None) -> Job[Any]:
        """A job that was begun before, perhaps by another process with the same key."""
        name = self._run(self._core.server.named(model))
        return Job(self._run, self._core.jobs, name, job_id)

    def metadata(self, *, model: str | None = None) -> dict[str, Any]:
        """The model's inputs and outputs, as the server tells them now."""
        return self._run(self._core.metadata(model))

    def ready(self, *, model: str | None = None) -> bool:
        """Whether the model, or the server where none is meant, answers now; no second try."""
        return self._run(self._core.ready(model))

    def close(self) -> None:
        """Let its connections go."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        told: Any = None
        while True:
            wanted = step(flow, told)
            if isinstance(wanted, Finished):
                result: T = wanted.result
                return result
            try:
                told = self._do(wanted)
            except Exception as error:  # noqa: BLE001 - the flow is told, and raises what it will
                told = error

    def _do(self, wanted: Effect) -> Any:
        match wanted:
            case Send():
                return self._send(wanted)
            case Pause(seconds):
                return self._sleep(seconds)
            case Together(flows, most):
                return self._together(Turns(flows), most)

    def _send(self, send: Send) -> Answer | NoAnswer:
        try:
            told = carrying.request_of(send, self._core.server.url, self._headers)
            request = self._http.build_request(**told)
            auth = None if send.ask.elsewhere else httpx.USE_CLIENT_DEFAULT
            return carrying.answer_of(self._http.send(request, auth=auth))
        except carrying.Broken as error:
            return carrying.no_answer(error)

    def _together(self, turns: Turns, most: int) -> list[Any]:
        with ThreadPoolExecutor(most) as pool:
            try:
                wait([pool.submit(self._work, turns) for _ in range(most)])
            finally:
                turns.stop()
        return turns.outcome()

    def _work(self, turns: Turns) -> None:
        while (turn := turns.next()) is not None:
            number, flow = turn
            try:
                turns.done(number, self._run(flow))
            except Exception as error:  # noqa: BLE001 - told by who waits
                turns.failed(number, error)
