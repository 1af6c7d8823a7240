"""A whole run on this machine: how many processes pay."""

import pytest
from msgspec import structs

from tests.support.batch_runs import RUN, partitions
from wherry.batch.contract import Partition, Task
from wherry_control.batch.local import SMALL, Planned


def planned(parts: list[Partition], *done: str) -> Planned:
    return Planned([Task(run=RUN, partition=each) for each in parts], set(done))


@pytest.mark.parametrize(
    ("parts", "done", "wanted"),
    [
        (partitions("a", "b", "c", size=100), (), 1),
        (partitions("a", "b", "c", size=SMALL), (), 3),
        (partitions("a", "b", "c", size=SMALL), ("a",), 2),
        (partitions("a", "b", "c", size=SMALL), ("a", "b"), 1),
        (partitions(*"abcdef", size=SMALL), (), 4),
        ([structs.replace(each, rows=999_999) for each in partitions("a", "b")], (), 2),
        ([structs.replace(each, rows=500_000) for each in partitions("a", "b")], (), 1),
        ([], (), 1),
    ],
)
def test_a_pool_is_made_where_there_is_work_for_it(
    parts: list[Partition], done: tuple[str, ...], wanted: int
) -> None:
    assert planned(parts, *done).processes(cores=4) == wanted
