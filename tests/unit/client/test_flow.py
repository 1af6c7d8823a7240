"""How flows are carried out together: in order, so many at once, and none after a failure."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from wherry.client import AsyncClient, Client
from wherry.client.flow import Flow, Pause, Together
from wherry.errors import CloudError

Run = Callable[[Flow[list[int]], list[float]], list[int]]


def run_sync(flow: Flow[list[int]], slept: list[float]) -> list[int]:
    with Client("http://nobody", sleep=slept.append) as client:
        return client._run(flow)


def run_async(flow: Flow[list[int]], slept: list[float]) -> list[int]:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    async def running() -> list[int]:
        async with AsyncClient("http://nobody", sleep=sleep) as client:
            return await client._run(flow)

    return asyncio.run(running())


both = pytest.mark.parametrize("run", [run_sync, run_async])


def together(flows: list[Flow[int]], most: int) -> Flow[list[int]]:
    told: list[int] = yield Together(iter(flows), most)
    return told


@both
@pytest.mark.parametrize("most", [1, 2, 50])
def test_results_come_in_order(run: Run, most: int) -> None:
    """The first takes longest."""

    def one(number: int) -> Flow[int]:
        for _ in range(9 - number):
            yield Pause(number)
        return number

    slept: list[float] = []
    assert run(together([one(number) for number in range(9)], most), slept) == list(range(9))
    assert len(slept) == 45


@both
def test_no_more_are_under_way_than_allowed(run: Run) -> None:
    lock, at_once, most = threading.Lock(), [0], [0]

    def one() -> Flow[int]:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        yield Pause(0)
        with lock:
            at_once[0] -= 1
        return 1

    run(together([one() for _ in range(20)], 3), [])

    assert 1 <= most[0] <= 3


@both
def test_the_first_that_fails_is_raised_and_no_other_begun(run: Run) -> None:
    begun: list[int] = []

    def one(number: int) -> Flow[int]:
        begun.append(number)
        yield Pause(0)
        if number >= 2:
            raise CloudError(f"flow {number}", "it failed")
        return number

    with pytest.raises(CloudError, match="flow 2"):
        run(together([one(number) for number in range(20)], 1), [])
    assert begun == [0, 1, 2]


@both
def test_a_flow_can_mend_what_an_effect_raised(run: Run) -> None:
    def failing() -> Flow[int]:
        yield Pause(0)
        raise CloudError("one", "it failed")

    def mending() -> Flow[list[int]]:
        try:
            yield Together([failing()], 1)
        except CloudError:
            return [7]
        return []

    assert run(mending(), []) == [7]
