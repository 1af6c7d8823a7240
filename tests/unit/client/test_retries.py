"""How long a client waits before it asks again, and when it no longer does."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.client.flow import Answer, Ask, Finished, NoAnswer, Pause, Send, step
from wherry.client.retries import Came, Retries, sent

ASK = Ask("GET", "/v2")
BUSY = Answer(503, {}, b"")
OK = Answer(200, {}, b"")


class Run:
    """A flow driven by hand: what it was told, how long it slept, what each attempt may last."""

    def __init__(self, took: float = 0.0) -> None:
        self.now = 0.0
        self.took = took
        self.slept: list[float] = []
        self.allowed: list[float] = []

    def of(self, retries: Retries, answers: Sequence[Answer | NoAnswer], ask: Ask = ASK) -> Came:
        left = list(answers)
        flow = sent(ask, retries, 30)
        told: Answer | NoAnswer | None = None
        while not isinstance(wanted := step(flow, told), Finished):
            match wanted:
                case Send(_, seconds):
                    self.allowed.append(seconds)
                    self.now += self.took
                    told = left.pop(0) if left else BUSY
                case Pause(seconds):
                    self.slept.append(seconds)
                    self.now += seconds
                    told = None
        return wanted.result


@given(chance=st.floats(0, 1), tried=st.integers(1, 10_000))
def test_a_wait_is_anything_up_to_a_ceiling_that_doubles(chance: float, tried: int) -> None:
    retries = Retries(base=0.5, cap=8, chance=lambda: chance)

    assert retries.jitter(tried) == pytest.approx(chance * min(8, 0.5 * 2.0 ** min(tried - 1, 60)))


@given(
    attempts=st.integers(1, 8),
    took=st.floats(0, 20),
    asked=st.lists(st.sampled_from([0.0, 1.0, 30.0, 3600.0]), max_size=8),
)
def test_no_attempt_is_begun_after_the_deadline_and_none_beyond_their_number(
    attempts: int, took: float, asked: list[float]
) -> None:
    run = Run(took)
    retries = Retries(attempts=attempts, total=60, chance=lambda: 1.0, now=lambda: run.now)
    busy = [Answer(429, {"retry-after": f"{seconds:.0f}"}, b"") for seconds in asked]

    came = run.of(retries, busy)

    assert came.tried == len(run.allowed) <= attempts
    assert sum(run.slept) + took * (came.tried - 1) < 60
    assert all(0 < seconds <= 30 for seconds in run.allowed)


def test_an_attempt_may_last_no_longer_than_what_is_left() -> None:
    run = Run(took=25)
    retries = Retries(total=60, chance=lambda: 1.0, now=lambda: run.now)

    run.of(retries, [])

    assert run.allowed == [30, 30, pytest.approx(60 - 50 - 0.6)]


@pytest.mark.parametrize("status", [200, 202, 400, 404, 413, 500, 501])
def test_what_another_try_would_not_mend_is_taken(status: int) -> None:
    run = Run()

    assert run.of(Retries(), [Answer(status, {}, b"")]).tried == 1


def test_what_our_own_request_does_wrong_is_not_sent_again() -> None:
    run = Run()

    assert run.of(Retries(), [NoAnswer("no such protocol", again=False)]).tried == 1


def test_it_ends_with_the_first_good_answer() -> None:
    run = Run()
    retries = Retries(now=lambda: run.now)

    assert run.of(retries, [BUSY, NoAnswer("cut"), OK]) == Came(OK, 3)


def test_a_500_of_s3_is_asked_again() -> None:
    run = Run()
    place = Ask("GET", "https://bucket.s3.amazonaws.com/key", elsewhere=True)

    assert run.of(Retries(), [Answer(500, {}, b""), OK], place) == Came(OK, 2)
