"""SQS events with jobs in them: what is acknowledged, what comes again, and when."""

from typing import Any

import pytest

from wherry.errors import CloudError
from wherry.jobs.messages import RETRY, JobMessages
from wherry.jobs.work import MARGIN, Turn


class Worker:
    """Does what it is told of each job: done, later, or an error."""

    def __init__(self, **told: float | Exception | None) -> None:
        self._told = told
        self.turns: list[Turn] = []

    def work(self, job_id: str, turn: Turn) -> float | None:
        self.turns.append(turn)
        told = self._told[job_id]
        if isinstance(told, Exception):
            raise told
        return told


def event(*jobs: str, receive: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m-{job}",
                "receiptHandle": f"r-{job}",
                "body": job,
                "attributes": {"ApproximateReceiveCount": str(receive)},
            }
            for job in jobs
        ]
    }


def take(worker: Worker, told: dict[str, Any]) -> tuple[list[str], list[tuple[str, float]]]:
    later: list[tuple[str, float]] = []
    messages = JobMessages(worker, lambda *again: later.append(again), receives=3)

    failed = messages.take(told, lambda: 42.0)["batchItemFailures"]

    return [one["itemIdentifier"] for one in failed], later


def test_each_message_has_its_own_fate() -> None:
    worker = Worker(done=None, later=30.0, broken=CloudError("AWS", "slow down"), also=None)

    failed, later = take(worker, event("done", "later", "broken", "also"))

    assert failed == ["m-later", "m-broken"]
    killed = 42.0 + 2 * MARGIN
    assert later == [
        ("r-done", killed),
        ("r-later", killed),
        ("r-later", 30.0),
        ("r-broken", killed),
        ("r-broken", RETRY),
        ("r-also", killed),
    ]


@pytest.mark.parametrize(("receive", "last"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_last_receive_is_told_as_such(receive: int, *, last: bool) -> None:
    worker = Worker(a=None)

    take(worker, event("a", receive=receive))

    assert worker.turns == [Turn(42.0, last=last)]


def test_the_second_failure_waits_longer() -> None:
    worker = Worker(a=CloudError("AWS", "slow down"))

    assert take(worker, event("a", receive=2))[1][-1] == ("r-a", RETRY * 2)


def test_an_attempt_that_is_killed_is_followed_soon_after_its_lease() -> None:
    class KilledError(BaseException):
        """The process is gone."""

    class Killed:
        def work(self, job_id: str, turn: Turn) -> float | None:
            raise KilledError(job_id, turn)

    later: list[tuple[str, float]] = []
    messages = JobMessages(Killed(), lambda *again: later.append(again), receives=3)

    with pytest.raises(KilledError):
        messages.take(event("a"), lambda: 42.0)

    assert later == [("r-a", 42.0 + 2 * MARGIN)]


def test_a_message_that_cannot_be_hidden_is_not_acknowledged_all_the_same() -> None:
    def refused(_receipt: str, _seconds: float) -> None:
        raise CloudError("SQS", "no")

    messages = JobMessages(Worker(a=1.0), refused, receives=3)

    told = messages.take(event("a"), lambda: 1.0)

    assert told == {"batchItemFailures": [{"itemIdentifier": "m-a"}]}
