"""A job, held by who began it: the same in both clients, but that one of them is awaited."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from wherry.client.core import JOB_SECONDS
from wherry.client.flow import Flow
from wherry.client.jobs import Jobs, JobStatus, Progress
from wherry.client.predictions import PlainPrediction, Prediction

P = TypeVar("P", bound=Prediction | PlainPrediction)


class Job(Generic[P]):
    """`id` finds it again, for who has the same key, until it expires."""

    def __init__(
        self, run: Callable[[Flow[Any]], Any], jobs: Jobs, model: str, job_id: str
    ) -> None:
        self.model = model
        self.id = job_id
        self._run = run
        self._jobs = jobs

    def __repr__(self) -> str:
        return f"Job({self.id!r}, model={self.model!r})"

    def status(self) -> JobStatus:
        """How it is now."""
        status: JobStatus = self._run(self._jobs.status(self.model, self.id))
        return status

    def wait(self, timeout: float = JOB_SECONDS, progress: Progress | None = None) -> JobStatus:
        """Look until it has ended, at most `timeout` seconds; `progress` is told of each look."""
        status: JobStatus = self._run(self._jobs.wait(self.model, self.id, timeout, progress))
        return status

    def result(self, timeout: float = JOB_SECONDS) -> P:
        """Its predictions, waited for; raised is what a request for them would have raised."""
        result: P = self._run(self._jobs.result(self.model, self.id, timeout))
        return result

    def cancel(self) -> None:
        """Stop it, and erase what came and what was answered."""
        self._run(self._jobs.cancel(self.model, self.id))


class AsyncJob(Generic[P]):
    """See Job; each is awaited."""

    def __init__(
        self, run: Callable[[Flow[Any]], Awaitable[Any]], jobs: Jobs, model: str, job_id: str
    ) -> None:
        self.model = model
        self.id = job_id
        self._run = run
        self._jobs = jobs

    def __repr__(self) -> str:
        return f"AsyncJob({self.id!r}, model={self.model!r})"

    async def status(self) -> JobStatus:
        """See Job."""
        status: JobStatus = await self._run(self._jobs.status(self.model, self.id))
        return status

    async def wait(
        self,
        timeout: float = JOB_SECONDS,  # noqa: ASYNC109 - it bounds no single wait here
        progress: Progress | None = None,
    ) -> JobStatus:
        """See Job."""
        waiting = self._jobs.wait(self.model, self.id, timeout, progress)
        status: JobStatus = await self._run(waiting)
        return status

    async def result(self, timeout: float = JOB_SECONDS) -> P:  # noqa: ASYNC109 - see wait
        """See Job."""
        result: P = await self._run(self._jobs.result(self.model, self.id, timeout))
        return result

    async def cancel(self) -> None:
        """See Job."""
        await self._run(self._jobs.cancel(self.model, self.id))
