"""The counts of a real run find what was lost, doubled or mixed up, and nothing else."""

import json
from typing import Any

import numpy as np
import pytest

from tests.proof.rows import tally
from tests.proof.sent import verdict

WANTED = np.tile(np.array([[0.25, 0.75]], np.float32), (4, 1))  # of rows 0 to 3; the first is bad
MANIFEST = {"rows": 4, "predicted": 3, "refused": 1}


def predicted(*rows: int, first: float = 0.25) -> list[dict[str, Any]]:
    return [{"row": row, "probabilities": {"a": first, "b": 1 - first}} for row in rows]


def test_rows_that_came_out_once_are_all_there_is() -> None:
    told = tally(predicted(1, 2, 3), [0], MANIFEST, WANTED)

    assert told.hold
    assert (told.predicted, told.refused) == (3, 1)


@pytest.mark.parametrize(
    ("came", "refused"),
    [
        (predicted(1, 2), [0]),
        (predicted(1, 2, 3), []),
        (predicted(1, 2, 3, 3), [0]),
        (predicted(1, 2, 3), [0, 0]),
        (predicted(1, 2, 3), [0, 3]),
        (predicted(1, 2), [0, 3]),
        (predicted(0, 1, 2, 3), []),
        (predicted(1, 2, 3, 4), [0]),
        (predicted(1, 2) + predicted(3, first=0.5), [0]),
    ],
)
def test_a_row_that_is_lost_doubled_or_another_s_is_found(
    came: list[dict[str, Any]], refused: list[int]
) -> None:
    told = {"rows": 4, "predicted": len(came), "refused": len(refused)}

    assert not tally(came, refused, told, WANTED).hold


def test_a_manifest_that_says_otherwise_is_found() -> None:
    assert not tally(predicted(1, 2, 3), [0], {**MANIFEST, "rows": 5}, WANTED).hold


def result(id_: str = "m-1", status: int = 200, first: float = 0.25) -> bytes:
    answer = {"probabilities": {"a": first, "b": 1 - first}}
    told = {"result": {"predictions": [answer]}} if status == 200 else {"error": "no"}
    return json.dumps({"id": id_, "status": status, **told}).encode()


@pytest.mark.parametrize(
    ("kept", "told", "found"),
    [
        (result(), [result()], "answered"),
        (result(), [result(), result()], "answered"),
        (None, [result()], "missing"),
        (result(), [], "missing"),
        (result(), [result(), result(first=0.5)], "wrong"),
        (result("m-2"), [result("m-2")], "wrong"),
        (result(first=0.5), [result(first=0.5)], "wrong"),
        (result(status=400), [result(status=400)], "wrong"),
    ],
)
def test_a_message_has_one_result_and_its_own(
    kept: bytes | None, told: list[bytes], found: str
) -> None:
    assert verdict("m-1", kept, told, WANTED[1]) == found


@pytest.mark.parametrize(("status", "found"), [(400, "refused"), (200, "wrong")])
def test_what_says_too_little_is_refused(status: int, found: str) -> None:
    assert verdict("m-1", result(status=status), [result(status=status)], None) == found
