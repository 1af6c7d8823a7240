"""The client for asyncio: the same, awaited; it carries several flows out by tasks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import httpx

from wherry.client import carrying
from wherry.client.core import JOB_SECONDS, TIMEOUT, Core
from wherry.client.flow import Answer, Effect, Finished, Flow, NoAnswer, Pause, Send, Together, step
from wherry.client.handles import AsyncJob
from wherry.client.predictions import PlainPrediction, Prediction
from wherry.client.retries import Retries
from wherry.client.synchronous import Arrays, Rows
from wherry.client.turns import Turns

T = TypeVar("T")


class AsyncClient:
    """See Client; each method is awaited, and it is entered by `async with`."""

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
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._core = Core(url, model, timeout, retries, job_timeout)
        self._headers = carrying.headers_of(api_key)
        self._http = httpx.AsyncClient(auth=auth, transport=transport, limits=carrying.LIMITS)
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"AsyncClient({self._core})"

    @overload
    async def predict(
        self, told: Arrays, *, model: str | None = None, outputs: Sequence[str] = ()
    ) -> Prediction: ...
    @overload
    async def predict(self, told: Rows, *, model: str | None = None) -> PlainPrediction: ...
    async def predict(
        self, told: Any, *, model: str | None = None, outputs: Sequence[str] = ()
    ) -> Any:
        """See Client."""
        return await self._run(self._core.predictor.predict(told, outputs, model))

    @overload
    async def predict_many(
        self,
        told: Arrays,
        *,
        model: str | None = None,
        outputs: Sequence[str] = (),
        rows_per_request: int | None = None,
        concurrency: int = 4,
    ) -> Prediction: ...
    @overload
    async def predict_many(
        self,
        told: Rows,
        *,
        model: str | None = None,
        rows_per_request: int | None = None,
        concurrency: int = 4,
    ) -> PlainPrediction: ...
    async def predict_many(
        self,
        told: Any,
        *,
        model: str | None = None,
        outputs: Sequence[str] = (),
        rows_per_request: int | None = None,
        concurrency: int = 4,
    ) -> Any:
        """See Client."""
        flow = self._core.predictor.predict_many(
            told, outputs, model, size=rows_per_request, most=concurrency
        )
        return await self._run(flow)

    @overload
    async def job(
        self, told: Arrays, *, model: str | None = None, outputs: Sequence[str] = ()
    ) -> AsyncJob[Prediction]: ...
    @overload
    async def job(self, told: Rows, *, model: str | None = None) -> AsyncJob[PlainPrediction]: ...
    async def job(self, told: Any, *, model: str | None = None, outputs: Sequence[str] = ()) -> Any:
        """See Client."""
        made = await self._run(self._core.predictor.job(told, outputs, model))
        return AsyncJob(self._run, self._core.jobs, made.model, made.id)

    async def find_job(self, job_id: str, *, model: str | None = None) -> AsyncJob[Any]:
        """See Client."""
        name = await self._run(self._core.server.named(model))
        return AsyncJob(self._run, self._core.jobs, name, job_id)

    async def metadata(self, *, model: str | None = None) -> dict[str, Any]:
        """See Client."""
        return await self._run(self._core.metadata(model))

    async def ready(self, *, model: str | None = None) -> bool:
        """See Client."""
        return await self._run(self._core.ready(model))

    async def aclose(self) -> None:
        """See Client."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _run(self, flow: Flow[T]) -> T:
        told: Any = None
        while True:
            wanted = step(flow, told)
            if isinstance(wanted, Finished):
                result: T = wanted.result
                return result
            try:
                told = await self._do(wanted)
            except Exception as error:  # noqa: BLE001 - the flow is told, and raises what it will
                told = error

    async def _do(self, wanted: Effect) -> Any:
        match wanted:
            case Send():
                return await self._send(wanted)
            case Pause(seconds):
                return await self._sleep(seconds)
            case Together(flows, most):
                return await self._together(Turns(flows), most)

    async def _send(self, send: Send) -> Answer | NoAnswer:
        try:
            told = carrying.request_of(send, self._core.server.url, self._headers)
            request = self._http.build_request(**told)
            auth = None if send.ask.elsewhere else httpx.USE_CLIENT_DEFAULT
            return carrying.answer_of(await self._http.send(request, auth=auth))
        except carrying.Broken as error:
            return carrying.no_answer(error)

    async def _together(self, turns: Turns, most: int) -> list[Any]:
        await asyncio.gather(*(self._work(turns) for _ in range(most)))
        return turns.outcome()

    async def _work(self, turns: Turns) -> None:
        while (turn := turns.next()) is not None:
            number, flow = turn
            try:
                turns.done(number, await self._run(flow))
            except Exception as error:  # noqa: BLE001 - told by who waits
                turns.failed(number, error)
