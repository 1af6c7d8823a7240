"""KServe's REST client, run once by its own environment, is served behind every front."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import LIVE, Fronts
from tests.support.tools import run_client

CALLS = Path(__file__).parent / "drivers" / "kserve_calls.py"


@pytest.fixture(scope="module")
def told(fronts: Fronts) -> dict[str, Any]:
    """What the client made of each front."""
    urls = {front: fronts.url(front) for front in LIVE}
    found: dict[str, Any] = json.loads(run_client("kserve", [str(CALLS)], told=json.dumps(urls)))
    return found


front = pytest.mark.parametrize("front", LIVE)


@front
def test_server_and_model_are_live_and_ready(told: dict[str, Any], front: str) -> None:
    asked = ("live", "ready", "model ready", "other model ready")

    assert [told[front][name] for name in asked] == [True, True, True, False]


@front
@pytest.mark.parametrize("form", ["json", "binary in", "binary out", "binary"])
def test_a_prediction_in_every_form(told: dict[str, Any], front: str, form: str) -> None:
    answer = told[front][form]

    assert answer["id"] == "mine"
    assert answer["values"] == [[20.0], [2.0]]
    assert answer["binary"] is (form in {"binary out", "binary"})


@front
def test_a_plain_dictionary_will_do(told: dict[str, Any], front: str) -> None:
    assert told[front]["dict"]["values"] == [[8.0]]


@front
@pytest.mark.parametrize(
    ("asked", "words"),
    [("wrong shape", ["features", "400 Bad Request"]), ("unknown model", ["other", "404"])],
)
def test_a_refusal_is_an_exception_with_our_words(
    told: dict[str, Any], front: str, asked: str, words: list[str]
) -> None:
    assert all(word in told[front][asked] for word in words)
