"""
The promises of docs/performance.md that are quick to check: ratios of one run, and never seconds.

Each fails at half as much again as its goal, since machines are shared, and is measured some times
more before it fails. `make bench` measures the same, and the rest, at length.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.bench import cold, tensors, warm
from tests.bench.cold import FLOOR, IDIOMATIC, WHERRY, ColdStarts
from tests.support.onnx_models import scaled
from tests.support.services import published
from tests.support.timing import lowest

SLACK = 1.5
# What an invocation may add to the model, of the idiomatic handler's whole time: 0.10 of 0.98 ms.
ABOVE_SESSION_OF_IDIOMATIC = 0.10


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def release(store: Path) -> Mapping[str, str]:
    """A tiny model that takes what iris takes."""
    return published(store, scaled(name="iris"))


@pytest.fixture(scope="module")
def model(store: Path, release: Mapping[str, str]) -> Path:  # noqa: ARG001 - comes after
    return next(store.glob("artifacts/sha256/*/model.onnx"))


@pytest.fixture
def starts(release: Mapping[str, str], model: Path, tmp_path: Path) -> ColdStarts:
    if sys.platform != "linux":
        pytest.skip("the floor is Lambda's runtime client, which is Linux's alone")
    return ColdStarts(release, model, tmp_path)


def test_a_warm_invocation_adds_a_fraction_of_the_idiomatic_handler_s_time(
    release: Mapping[str, str], model: Path
) -> None:
    limit = ABOVE_SESSION_OF_IDIOMATIC * SLACK

    def ratio() -> float:
        found = warm.measure(release, model, calls=400, tries=5)
        return found.overhead / found.idiomatic

    assert lowest(limit, ratio) <= limit


def test_a_large_tensor_costs_little_more_than_its_base64_and_a_copy() -> None:
    """The whole, as bytes and as JSON, against the least that anybody must do."""
    limit = tensors.JSON_OF_LEAST * SLACK

    def ratio() -> float:
        found = tensors.measure(calls=8, tries=4)
        return max(found[way] / found[f"{way}, least"] for way in ("bytes in", "JSON in"))

    assert lowest(limit, ratio) <= limit


def test_a_cold_start_costs_little_more_than_onnx_runtime_s(starts: ColdStarts) -> None:
    """In CPU time, which is what it is made of, and what a busy machine changes least."""
    limit = cold.OF_FLOOR * SLACK

    def ratio() -> float:
        floor, ours = cold.measure(starts, FLOOR, WHERRY, tries=4)
        return ours.cpu / floor.cpu

    assert lowest(limit, ratio) <= limit


def test_a_cold_start_touches_little_more_of_the_image_than_onnx_runtime_does(
    starts: ColdStarts,
) -> None:
    """Counts, which no neighbour disturbs."""
    limit = cold.FILES_OF_FLOOR * SLACK
    floor, ours = (starts.touched(which) for which in (FLOOR, WHERRY))

    assert len(ours) / len(floor) <= limit
    assert sum(ours.values()) / sum(floor.values()) <= limit


def test_the_cold_start_s_bound_can_fail(starts: ColdStarts) -> None:
    """The idiomatic stack is over it."""
    floor, idiomatic = cold.measure(starts, FLOOR, IDIOMATIC, tries=2)

    assert idiomatic.cpu / floor.cpu > cold.OF_FLOOR * SLACK
