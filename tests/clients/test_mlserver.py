"""`mlserver infer`, the command of MLServer, run by its own environment, behind every front."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import LIVE, Fronts
from tests.support.requests_v2 import FEATURES
from tests.support.tools import run_client

# The command itself, as often as needed: starting it costs more than all that it sends.
COMMAND = """
import json, sys
from mlserver.cli.main import root
for words in json.load(sys.stdin): root(words, standalone_mode=False)
"""
ROWS = 5
# The command calls its bytes JSON. A REST API with `*/*` hands any body on as it came; the others
# take what is called text for text, and have to be told otherwise.
AS_TYPED = {"uvicorn", "REST API"}
BYTES = ["-b"]
SAID = ["-b", "-H", "content-type: application/octet-stream"]

front = pytest.mark.parametrize("front", LIVE)


def binary(front: str) -> list[str]:
    """The options that send tensors as bytes through this front."""
    return BYTES if front in AS_TYPED else SAID


@pytest.fixture(scope="module")
def told(fronts: Fronts, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each output file's lines, by the front and what was sent."""
    folder = tmp_path_factory.mktemp("mlserver")
    calls = {
        f"{front} {form}": (front, options)
        for front in LIVE
        for form, options in (("json", []), ("binary", binary(front)), ("as typed", BYTES))
    }
    given = folder / "input.jsonl"
    requests = ({"inputs": [{**FEATURES, "data": [number, 2, 3, 4]}]} for number in range(ROWS))
    given.write_text("".join(f"{json.dumps(told)}\n" for told in requests))
    words = [
        ["infer", "-u", fronts.place(front), "-m", "tiny", "-i", str(given),
         "-o", str(folder / name), "-r", "1", "-w", "2", *options]
        for name, (front, options) in calls.items()
    ]  # fmt: skip
    run_client("mlserver", ["-c", COMMAND], told=json.dumps(words))
    return {name: _lines(folder / name) for name in calls}


def _lines(file: Path) -> list[dict[str, Any]]:
    """In the order of the input."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return sorted(lines, key=lambda line: int(line["parameters"]["batch_index"]))


@front
@pytest.mark.parametrize("form", ["json", "binary"])
def test_each_row_gets_its_prediction(told: dict[str, Any], front: str, form: str) -> None:
    lines = told[f"{front} {form}"]

    outputs = [{output["name"]: output for output in line["outputs"]} for line in lines]
    assert [output["prediction"]["data"] for output in outputs] == [
        [2.0 * (number + 9)] for number in range(ROWS)
    ]
    assert {line["model_name"] for line in lines} == {"tiny"}


@pytest.mark.parametrize("front", sorted(set(LIVE) - AS_TYPED))
def test_bytes_called_json_are_refused_where_a_front_takes_them_for_text(
    told: dict[str, Any], front: str
) -> None:
    """The front spoils them before we see them; no wrong prediction comes of it."""
    lines = told[f"{front} as typed"]

    assert len(lines) == ROWS
    assert all("error" in line and "outputs" not in line for line in lines)
