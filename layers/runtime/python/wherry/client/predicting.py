"""
From what a caller has to a prediction: one request; several, cut by rows; or a job.

A job takes what is too large for a request, or takes too long for one, where the server has jobs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from wherry.client.failures import succeeded
from wherry.client.flow import Answer, Flow, Together
from wherry.client.jobs import Jobs, JobStatus
from wherry.client.payloads import Payload, tensors
from wherry.client.plain_payloads import Body, Rows, Whole
from wherry.client.retries import TOO_LATE, Came
from wherry.client.server import Server
from wherry.errors import NotFoundError, RequestError, TooLargeError, WherryError
from wherry.limits import LAMBDA_BODY

P = TypeVar("P")
Outputs = Sequence[str]


class Predictor:
    """Flows that end in predictions; a job that stands in for a request may take `seconds`."""

    def __init__(self, server: Server, jobs: Jobs, seconds: float) -> None:
        self._server = server
        self._jobs = jobs
        self._seconds = seconds

    def predict(self, told: Any, outputs: Outputs, model: str | None) -> Flow[Any]:
        """In one request, or by a job."""
        return (yield from self._fresh(told, outputs, model, self._whole))

    def predict_many(
        self, told: Any, outputs: Outputs, model: str | None, *, size: int | None, most: int
    ) -> Flow[Any]:
        """In as many requests of `size` rows as it takes, at most `most` at once."""
        if most < 1 or (size is not None and size < 1):
            raise RequestError("predict_many", "rows_per_request and concurrency are 1 or more")

        def pieces(payload: Payload[P]) -> Flow[P]:
            return self._pieces(payload, size, most)

        return (yield from self._fresh(told, outputs, model, pieces))

    def job(self, told: Any, outputs: Outputs, model: str | None) -> Flow[Any]:
        """The status of a new job."""
        return (yield from self._fresh(told, outputs, model, self._begun))

    def _begun(self, payload: Payload[Any]) -> Flow[JobStatus]:
        """NotFoundError of the jobs, or of the model, whichever is not there."""
        try:
            return (yield from self._jobs.create(payload))
        except NotFoundError:
            yield from self._server.metadata(payload.model)
            raise NotFoundError(
                "jobs",
                f"{self._server.url} has none",
                "Start it with `wherry serve --jobs`, or give model.toml a [jobs] and deploy.",
            ) from None

    def _fresh(self, told: Any, outputs: Outputs, model: str | None, answered: Any) -> Flow[Any]:
        """Once more where it was refused by what is no longer so: other tensors went live."""
        name = yield from self._server.named(model)
        try:
            payload = yield from self._payload(told, outputs, name)
            return (yield from answered(payload))
        except RequestError:
            if not (yield from self._server.changed(name)):
                raise
            payload = yield from self._payload(told, outputs, name)
            return (yield from answered(payload))

    def _payload(self, told: Any, outputs: Outputs, model: str) -> Flow[Payload[Any]]:
        if isinstance(told, Mapping | np.ndarray):
            signature = yield from self._server.signature(model)
            return tensors(told, outputs, signature)
        if outputs:
            raise RequestError("outputs", "plain rows are answered by all", "Send arrays.")
        if isinstance(told, Body):
            return Whole(model, told)
        if isinstance(told, Sequence) and not isinstance(told, str | bytes):
            return Rows(model, told)
        raise RequestError(
            "what is to be predicted",
            f"a {type(told).__name__} came",
            f"Give {_rows_of(told)}a dict of arrays, an array, a list of rows, or "
            "Body(bytes, media_type).",
        )

    def _whole(self, payload: Payload[P]) -> Flow[P]:
        try:
            return (yield from self._answered(payload))
        except TooLargeError as error:
            return (yield from self._by_job(payload, error))

    def _pieces(self, payload: Payload[P], size: int | None, most: int) -> Flow[P]:
        rows = payload.rows
        if rows is None:
            return (yield from self._whole(payload))
        if size is None:
            size = yield from self._fitting(payload)
        starts = range(0, max(1, rows), size)
        flows = (self._piece(payload, start, min(rows, start + size)) for start in starts)
        parts = yield Together(flows, most)
        return payload.join(list(chain.from_iterable(parts)))

    def _fitting(self, payload: Payload[Any]) -> Flow[int]:
        limits = yield from self._server.limits(payload.model)
        if isinstance(payload, Rows):
            signature = yield from self._server.signature(payload.model)
            payload = Rows(payload.model, payload.told, signature)
        return payload.fitting(limits)

    def _piece(self, payload: Payload[P], start: int, stop: int) -> Flow[list[P]]:
        """Of these rows; by halves where they are too many."""
        part = payload.cut(start, stop)
        with _telling(start, stop):
            try:
                return [(yield from self._answered(part))]
            except TooLargeError as error:
                if stop - start <= 1:
                    return [(yield from self._by_job(part, error))]
        middle = (start + stop) // 2
        first = yield from self._piece(payload, start, middle)
        return first + (yield from self._piece(payload, middle, stop))

    def _answered(self, payload: Payload[P]) -> Flow[P]:
        """By one request; by a job where it is answered too late."""
        ask = payload.ask()
        yield from self._check_size(payload.model, len(ask.body))
        came: Came = yield from self._server.came(ask, enough=(TOO_LATE,))
        if _is_late(came):
            try:
                job = yield from self._jobs.create(payload)
            except NotFoundError:
                came = yield from self._server.came(ask)
            else:
                late: P = yield from self._waited(job)
                return late
        answer = succeeded(came, self._server.where(ask))
        return payload.read(answer, self._server.where(ask))

    def _check_size(self, model: str, size: int) -> Flow[None]:
        """What is no larger than Lambda takes is for the server to judge."""
        if size <= LAMBDA_BODY:
            return
        limits = yield from self._server.limits(model)
        if size > limits.body_bytes:
            raise TooLargeError(
                "the request",
                f"it has {size:,} bytes; {limits.body_bytes:,} are allowed, and there are no jobs",
                "Send fewer rows: predict_many does.",
            )

    def _by_job(self, payload: Payload[P], why: TooLargeError) -> Flow[P]:
        """Raise `why` if there are no jobs."""
        try:
            job = yield from self._jobs.create(payload)
        except NotFoundError:
            raise why from None
        answer: P = yield from self._waited(job)
        return answer

    def _waited(self, job: JobStatus) -> Flow[Any]:
        """What it answers is what a request for the same would have been answered."""
        return (yield from self._jobs.result(job.model, job.id, self._seconds))


def _rows_of(told: Any) -> str:
    """How a table of somebody else's becomes rows: by the method that it has for it."""
    ways = {
        "to_dicts": "frame.to_dicts()",  # Polars
        "to_pylist": "table.to_pylist()",  # Arrow
        "iterrows": 'frame.to_dict("records")',  # pandas
    }
    return next((f"{way}, " for name, way in ways.items() if hasattr(told, name)), "")


def _is_late(came: Came) -> bool:
    answer = came.answer
    return answer.status == TOO_LATE if isinstance(answer, Answer) else answer.late


@contextmanager
def _telling(start: int, stop: int) -> Iterator[None]:
    """What goes wrong says of which rows, as a slice of them."""
    try:
        yield
    except WherryError as error:
        where = f"rows {start}:{stop}, {error.where}"
        raise type(error)(where, error.what, error.todo) from error
