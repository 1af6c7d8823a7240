"""Batching is on where it makes a request cheaper, and what finds that out costs little."""

from dataclasses import dataclass

import pytest

from wherry_control.batching.switch import Switch


@dataclass
class Loop:
    """An event loop whose requests cost what they are told to; its clock is its own work."""

    with_batching: float
    without: float
    now: float = 0.0

    def clock(self) -> float:
        return self.now

    def serve(self, switch: Switch, requests: int) -> int:
        """How many of them went by batches."""
        batched = 0
        for _ in range(requests):
            batched += switch.batching
            self.now += self.with_batching if switch.batching else self.without
            switch.answered(0)
        return batched


def test_it_is_off_until_it_is_tried() -> None:
    loop = Loop(with_batching=1, without=4)

    assert loop.serve(Switch(loop.clock), 200) == 0


def test_where_it_pays_nearly_every_request_is_batched() -> None:
    loop = Loop(with_batching=1, without=4)
    switch = Switch(loop.clock)
    loop.serve(switch, 1000)

    assert loop.serve(switch, 100_000) >= 99_000


@pytest.mark.parametrize("cost", [1.0, 1.3, 10.0])
def test_where_it_does_not_pay_it_is_off_and_its_trials_cost_less_than_a_twentieth(
    cost: float,
) -> None:
    loop = Loop(with_batching=cost, without=1)
    switch = Switch(loop.clock)
    loop.serve(switch, 1000)
    began = loop.now

    loop.serve(switch, 100_000)

    assert not switch.batching or cost == 1
    assert 100_000 / (loop.now - began) >= 0.95


def test_it_notices_when_that_changes() -> None:
    """Clients that come one at a time leave nothing to batch, and the crowd that follows does."""
    loop = Loop(with_batching=1.1, without=1)
    switch = Switch(loop.clock)
    loop.serve(switch, 10_000)

    loop.with_batching, loop.without = 1, 4
    loop.serve(switch, 5_000)
    crowded = loop.serve(switch, 20_000)
    loop.with_batching, loop.without = 1.1, 1
    loop.serve(switch, 10_000)
    alone = loop.serve(switch, 20_000)

    assert crowded >= 19_500
    assert alone <= 2_000


def test_what_was_begun_in_batches_is_not_the_cost_of_the_other_way() -> None:
    loop = Loop(with_batching=1, without=4)
    switch = Switch(loop.clock)
    until(loop, switch, batching=True)
    until(loop, switch, batching=False)

    for waiting in range(40, 0, -1):  # these are still answered by the batch
        loop.now += 0.1
        switch.answered(waiting)
    loop.serve(switch, 17)

    assert switch.batching


def until(loop: Loop, switch: Switch, *, batching: bool) -> None:
    while switch.batching is not batching:
        loop.serve(switch, 1)
