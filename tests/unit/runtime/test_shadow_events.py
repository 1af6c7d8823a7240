"""What a shadow is told, by an event or a claim; and how far its answer is from the caller's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.onnx_models import identity, scaled
from tests.support.plain_models import classifier
from tests.support.requests_v2 import request, tensor
from tests.support.services import service_of
from wherry.beside import SHADOWED
from wherry.errors import RequestError
from wherry.http.wire import Request
from wherry.service import Service
from wherry.shadow.candidate import Candidate
from wherry.shadow.comparing import compare
from wherry.shadow.events import LARGEST, Objects, Told, from_event, to_event, told_of
from wherry.store.settings import open_objects

ID = "0123456789abcdef" * 2
PATH = "/v2/models/tiny/infer"


def nowhere() -> Objects:
    raise AssertionError("nothing is to be left in a store")


def there_and_back(told: Told, objects: Any = nowhere) -> Told:
    return from_event(json.loads(to_event(told, objects))[SHADOWED], objects)


@pytest.mark.parametrize(
    "array",
    [
        np.array([[1.5, np.nan]], np.float32),
        np.array([1, 2**63], np.uint64),
        np.array(["yes", "nö"], object),
        np.array([[True], [False]]),
        np.zeros((0, 3), np.float16),
        np.array(7.0),
        np.arange(6, dtype=np.int32).reshape(2, 3).T,
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_an_answer_arrives_as_it_was(array: np.ndarray) -> None:
    told = told_of(ID, "7", Request("POST", PATH, {}, b"{}"), {"y": array})

    (found,) = there_and_back(told).answer.values()

    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)


def test_a_request_arrives_with_what_it_is_read_by_and_no_more() -> None:
    headers = {"content-type": "text/csv", "authorization": "secret", "cookie": "secret"}

    told = there_and_back(told_of(ID, "7", Request("POST", PATH, headers, b"\x00\xff"), {}))

    assert told.request == Request("POST", PATH, {"content-type": "text/csv"}, b"\x00\xff")
    assert (told.of, told.release) == (ID, "7")


def test_what_no_event_carries_goes_by_a_claim(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path), {})
    told = told_of(ID, "7", Request("POST", PATH, {}, b"x" * LARGEST), {"y": np.ones(3)})

    event = to_event(told, lambda: objects)

    assert json.loads(event) == {SHADOWED: {"claim": f"shadow/{ID}"}}
    assert (tmp_path / "shadow" / ID).is_file()
    assert from_event(json.loads(event)[SHADOWED], lambda: objects) == told


@pytest.mark.parametrize("size", [LARGEST // 4, LARGEST])
def test_an_event_is_never_larger_than_lambda_takes(tmp_path: Path, size: int) -> None:
    objects = open_objects(str(tmp_path), {})
    told = told_of(ID, "7", Request("POST", PATH, {}, b"x" * size), {})

    assert len(to_event(told, lambda: objects)) < 1_000_000


@pytest.mark.parametrize(
    "told",
    [
        None, 7, {}, {"claim": "artifacts/sha256/aa/model.onnx"}, {"claim": "shadow/../x"},
        {"claim": f"shadow/{ID}"}, {"claim": 7}, {"of": ID},
    ],
)  # fmt: skip
def test_what_is_no_shadow_or_claims_anything_else_is_refused(tmp_path: Path, told: object) -> None:
    objects = open_objects(str(tmp_path), {})

    with pytest.raises(RequestError):
        from_event(told, lambda: objects)


LABELS = np.array(["a", "b", "c"], object)


@pytest.mark.parametrize(
    ("stable", "candidate", "expected"),
    [
        ({"label": LABELS}, {"label": LABELS}, (3, 3, 0)),
        ({"label": LABELS}, {"label": LABELS[::-1]}, (3, 1, 0)),
        (
            {"label": LABELS, "p": np.array([[0.5], [0.5], [0.5]])},
            {"label": LABELS, "p": np.array([[0.5], [0.9], [0.5]])},
            (3, 3, 0.4),
        ),
        ({"y": np.array([1.0, 100.0])}, {"y": np.array([1.009, 100.9])}, (2, 2, 0.9)),
        ({"y": np.array([1.0, 100.0])}, {"y": np.array([1.02, 102.0])}, (2, 0, 2)),
        ({"y": np.array([np.nan, 1.0])}, {"y": np.array([np.nan, np.nan])}, (2, 1, np.inf)),
        ({"y": np.array([np.inf])}, {"y": np.array([np.inf])}, (1, 1, 0)),
        ({"y": np.array([np.inf])}, {"y": np.array([1.0])}, (1, 0, np.inf)),
        ({"y": np.ones((2, 3))}, {"y": np.ones((2, 4))}, (2, 0, np.inf)),
        ({"y": np.ones(2)}, {"z": np.ones(2)}, (2, 0, np.inf)),
        ({"y": np.ones(2)}, {}, (2, 0, np.inf)),
        ({"y": np.array(1.0)}, {"y": np.array(1.0)}, (1, 1, 0)),
        ({"y": np.ones((0, 2))}, {"y": np.ones((0, 2))}, (0, 0, 0)),
        ({"y": np.array([1, 2])}, {"y": np.array([1, 3])}, (2, 1, 0)),
    ],
)
def test_rows_are_the_same_by_their_labels_or_else_by_their_numbers(
    stable: dict[str, Any], candidate: dict[str, Any], expected: tuple[int, int, float]
) -> None:
    told = compare(stable, candidate)

    assert (told.rows, told.same) == expected[:2]
    assert told.difference == pytest.approx(expected[2])


@pytest.mark.parametrize("candidate", [None, {}, {"y": np.ones(3), "label": LABELS}])
@pytest.mark.parametrize(
    ("stable", "exact"),
    [
        ({"y": np.ones(2)}, False),
        ({"y": np.ones(2), "p": np.ones((2, 3), np.float16)}, False),
        ({"y": np.ones(2), "label": LABELS[:2]}, True),
        ({"y": np.array([1, 2])}, True),
        ({"y": np.array([True])}, True),
    ],
)
def test_what_stable_answers_says_whether_anything_exact_is_compared(
    stable: dict[str, Any], candidate: dict[str, Any] | None, *, exact: bool
) -> None:
    """Also where the candidate fails, or answers something else."""
    assert compare(stable, stable if candidate is None else candidate).exact is exact


@settings(max_examples=30)
@given(st.lists(st.floats(width=32), min_size=1, max_size=5))
def test_an_answer_is_the_same_as_itself(values: list[float]) -> None:
    told = {"y": np.array(values, np.float32)}

    assert compare(told, told) == (len(values), len(values), 0, False)


def shadowed(service: Service, stable: Service, asked: Request) -> dict[str, Any]:
    """The line of `service`, which is told what `stable` answers."""
    lines: list[str] = []
    answer = stable.infer(asked.body)
    assert answer.seen is not None
    event = json.loads(to_event(told_of(ID, "7", asked, answer.seen[1]), nowhere))
    Candidate(service, nowhere, write=lines.append, now=lambda: 1.8e9).take(event[SHADOWED])
    (line,) = lines
    return json.loads(line)


def test_a_candidate_tells_how_far_it_is_off_and_nothing_of_the_payload() -> None:
    body = request(tensor("features", "FP32", [2, 4], [1, 2, 3, 4, 0, 0, 0, 0]))

    line = shadowed(service_of(scaled(3)), service_of(scaled(2)), Request("POST", PATH, {}, body))

    latency = line.pop("latency")
    assert latency > 0
    assert line == {
        "level": "INFO",
        "message": "shadow",
        "service": "wherry",
        "model": "tiny",
        "version": "1",
        "release": "7",
        "stable_release": "7",
        "timestamp": "2027-01-15T08:00:00+00:00",
        "of": ID,
        "rows": 2,
        "same": 1,
        "exact": False,
        "max_difference": 10,
    }


def test_plain_rows_are_compared_too() -> None:
    service, lines = service_of(classifier()), list[str]()
    stable = {"label": np.array(["no"], object), "probabilities": np.array([[1, 0]], np.float32)}
    asked = Request("POST", "/predict/apples", {}, b'[{"size, in cm": 1, "weight": 2}]')
    event = json.loads(to_event(told_of(ID, "7", asked, stable), nowhere))

    Candidate(service, nowhere, write=lines.append).take(event[SHADOWED])

    line = json.loads(lines[0])
    assert (line["rows"], line["same"], line["exact"]) == (1, 0, True)


def test_a_candidate_that_fails_says_so_and_raises_nothing() -> None:
    """Lambda would try an event that fails twice more."""
    asked = Request("POST", PATH, {}, request())

    line = shadowed(service_of(identity("FP32", (-1, 4))), service_of(), asked)

    assert (line["rows"], line["same"], line["max_difference"]) == (1, 0, None)
    assert line["error"] == "RequestError"


@pytest.mark.parametrize("told", [None, {"claim": f"shadow/{ID}"}, {"of": 1}])
def test_an_event_that_says_nothing_leaves_no_line(tmp_path: Path, told: object) -> None:
    lines: list[str] = []
    objects = open_objects(str(tmp_path), {})

    Candidate(service_of(), lambda: objects, write=lines.append).take(told)

    assert lines == []
