"""The simulated alias refuses what Lambda refuses, and splits at random."""

import pytest
from numpy.random import default_rng

from wherry.errors import CloudError, ConflictError
from wherry_control.functions import Traffic
from wherry_control.simulation.alias import SimulatedAlias


def test_it_moves_only_for_its_newest_revision() -> None:
    alias = SimulatedAlias("1", "2")
    first = alias.live

    moved = alias.move(Traffic("1", "2", 10), revision=first.revision)

    assert moved == alias.live
    with pytest.raises(ConflictError):
        alias.move(Traffic("2"), revision=first.revision)
    assert alias.live.traffic == Traffic("1", "2", 10)


@pytest.mark.parametrize(
    "wanted",
    [Traffic("3"), Traffic("1", "$LATEST", 10), Traffic("1", "1", 10), Traffic("1", "2", 101)],
)
def test_it_refuses_what_lambda_refuses(wanted: Traffic) -> None:
    alias = SimulatedAlias("1", "2")

    with pytest.raises(CloudError):
        alias.move(wanted, revision=alias.live.revision)
    assert alias.live.traffic == Traffic("1")


def test_requests_are_split_by_chance_and_none_is_lost() -> None:
    alias, generator = SimulatedAlias("1", "2"), default_rng(1)
    assert alias.route(generator, 7) == {"1": 7}

    alias.move(Traffic("1", "2", 10), revision=alias.live.revision)
    told = [alias.route(generator, 100) for _ in range(300)]

    assert {sum(each.values()) for each in told} == {100}
    tried = [each["2"] for each in told]
    assert sum(tried) / 30_000 == pytest.approx(0.1, abs=0.01)
    assert len(set(tried)) > 10
