"""A row is predicted or refused as POST /predict would, in its words; no neighbour notices."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.batches import done, refused, results, written
from tests.support.onnx_models import identity
from tests.support.plain_models import classifier, imputing, plain, several
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.batch.contract import Options
from wherry.batch.mending import reason_of
from wherry.errors import RequestError
from wherry.limits import Limits

CELLS = (
    "1", " 1 ", "+1", "-1", "-0", "1.", ".5", "1e3", "1E+3", "007", "0x1F", "1_000", "nan", "inf",
    "-Infinity", "NaN(1)", "", " ", "NA", "null", "true", "True", " FALSE ", "tRuE", "3.4e38",
    "3.5e38", "-1e39", "1e400", "1e-400", "255", "256", "-129", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "1.5", "é", "\uff11",
    "1 2", "a b", "1\u00a0",
)  # fmt: skip
VALUES = (
    "1", "-1", "1.5", "1.0", "1e3", "-0", "255", "256", "3.5e38", "1e400", "1e-400", "true", "null",
    '"1"', '"é"', '"\\ud800"', "[]", "[1]", "{}", "NaN", "Infinity", "-Infinity", "01", "1.", ".5",
    "", "0x1", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "1}{", '1,"x":2', "1,",
)  # fmt: skip
DATATYPES = ("FP16", "FP32", "FP64", "INT8", "UINT8", "INT64", "UINT64", "BOOL", "BYTES")
MODELS = {name: several({"x": name}) for name in DATATYPES} | {"imputing": imputing()}


def _verdict(artifact: Artifact, body: bytes, kind: str) -> Any:
    """What POST /predict says of one row: its outputs, or why not."""
    try:
        told = json.loads(plain(artifact).answer(body, content_type=kind).body)
    except RequestError as error:
        return reason_of(error)
    return (told.get("predictions") or [told.get("prediction")])[0]


@pytest.mark.parametrize("model", MODELS)
def test_each_cell_of_csv_has_the_verdict_of_a_request(tmp_path: Path, model: str) -> None:
    artifact = MODELS[model]
    lines = "".join(f'{place},"{cell}"\n' for place, cell in enumerate(CELLS))
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.csv").write_text(f"key,x\n{lines}")

    told = done(
        service_of(artifact), tmp_path / "in", tmp_path / "out", Options(to="jsonl", id="key")
    )

    found: dict[str, Any] = {
        row.pop("key"): row for row in map(dict, results(tmp_path / "out", told))
    }
    found |= {line["id"]: line["reason"] for line in refused(tmp_path / "out")}
    wanted = {
        str(place): _verdict(artifact, f'x\n"{cell}"\n'.encode(), "text/csv")
        for place, cell in enumerate(CELLS)
    }
    assert found == wanted
    assert told.rows == len(CELLS)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("model", ["FP32", "INT64"])
def test_one_odd_cell_among_good_ones_has_it_too(tmp_path: Path, model: str, cell: str) -> None:
    """Where pyarrow reads the block as a whole, and where it cannot or may not."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.csv").write_text("\n".join(["x", "1", cell or '""', "2"]))

    told = done(service_of(MODELS[model]), tmp_path / "in", tmp_path / "out", Options(to="jsonl"))

    wanted = _verdict(MODELS[model], f'x\n"{cell}"\n'.encode(), "text/csv")
    middle = [] if isinstance(wanted, str) else [wanted]
    assert results(tmp_path / "out", told) == [{"x_out": 1}, *middle, {"x_out": 2}]
    assert [line["reason"] for line in refused(tmp_path / "out")] == ([] if middle else [wanted])


@pytest.mark.parametrize("model", MODELS)
def test_each_value_of_json_has_the_verdict_of_a_request(tmp_path: Path, model: str) -> None:
    artifact = MODELS[model]
    lines = [f'{{"x":{value}}}' for value in VALUES]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.jsonl").write_text("\n".join(lines))

    told = done(service_of(artifact), tmp_path / "in", tmp_path / "out")

    reasons = {line["row"]: line["reason"] for line in refused(tmp_path / "out")}
    answers = iter(results(tmp_path / "out", told))
    found = [reasons.get(row) or next(answers) for row in range(1, len(lines) + 1)]
    for line, got in zip(lines, found, strict=True):
        wanted = _verdict(artifact, line.encode(), "application/json")
        # What is no JSON is told where it first shows, and that is not the same place for both.
        assert got == wanted or ("not JSON" in got and isinstance(wanted, str)), line


@pytest.mark.parametrize("value", [*VALUES, "2"])
def test_one_odd_value_among_good_ones_has_it_too(tmp_path: Path, value: str) -> None:
    """Where pyarrow reads the block as a whole, and where it cannot."""
    lines = ['{"x":1.5}', f'{{"x":{value}}}', '{"x":2.5}']
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.jsonl").write_text("\n".join(lines))

    told = done(service_of(identity()), tmp_path / "in", tmp_path / "out")

    found = results(tmp_path / "out", told)
    wanted = _verdict(identity(), lines[1].encode(), "application/json")
    middle = [] if isinstance(wanted, str) else [wanted]
    assert found == [{"y": 1.5}, *middle, {"y": 2.5}]
    assert [line["row"] for line in refused(tmp_path / "out")] == ([] if middle else [2])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2", "2 cells came; 3 are wanted"),
        ("1,2,3,4", "4 cells came; 3 are wanted"),
        ('1,"2"x,3', "it is not CSV"),
        ('"1"x,2,3', "it is not CSV"),
        ('"1" ,2,3', "it is not CSV"),
        ("1,\udcff,3", "UTF-8"),
    ],
)
def test_a_line_that_is_no_row_is_told_by_its_number(
    tmp_path: Path, line: str, reason: str
) -> None:
    body = f'key,"size, in cm",weight\n7,1,2\n\n{line}\n9,3,4\n'
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.csv").write_bytes(body.encode(errors="surrogateescape"))

    told = done(service_of(classifier()), tmp_path / "in", tmp_path / "out", Options(id="key"))

    assert [row["key"] for row in results(tmp_path / "out", told)] == ["7", "9"]
    [line_told] = refused(tmp_path / "out")
    assert line_told["row"] == 2
    assert reason in line_told["reason"]
    assert line_told["source"].endswith("rows.csv")


@pytest.mark.parametrize("line", ["[1, 2]", "3", '"a"', "null", "{", "}", '{"x":1} x'])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.jsonl").write_text(f'{{"x":1.0}}\n \n{line}\n{{"x":2.0}}\n')

    told = done(service_of(identity()), tmp_path / "in", tmp_path / "out")

    assert results(tmp_path / "out", told) == [{"y": 1.0}, {"y": 2.0}]
    assert [each["row"] for each in refused(tmp_path / "out")] == [2]


def test_a_value_of_parquet_is_refused_in_the_words_of_a_request(tmp_path: Path) -> None:
    values = [1.0, None, 1e300, float("nan"), 2.0]
    rows: list[dict[str, Any]] = [{"x": value} for value in values]
    written(tmp_path / "in/rows.parquet", rows)

    told = done(service_of(identity()), tmp_path / "in", tmp_path / "out", Options(to="csv"))

    wanted = [_verdict(identity(), f'{{"x":{value}}}'.encode(), "") for value in ("null", "1e300")]
    assert [(each["row"], each["reason"]) for each in refused(tmp_path / "out")] == [
        (2, wanted[0]),
        (3, wanted[1]),
        (4, '"x": NaN or infinity came; finite numbers are wanted'),
    ]
    assert told.predicted == 2


@pytest.mark.parametrize("came", ["csv", "jsonl", "parquet"])
def test_a_text_that_is_too_long_is_refused(tmp_path: Path, came: str) -> None:
    written(tmp_path / f"in/rows.{came}", [{"x": "é" * 9}, {"x": "é" * 10}])
    service = service_of(several({"x": "BYTES"}), limits=Limits(text_length=9))

    told = done(service, tmp_path / "in", tmp_path / "out", Options(to="jsonl"))

    assert results(tmp_path / "out", told) == [{"x_out": "é" * 9}]
    [line] = refused(tmp_path / "out")
    assert "a text has over 9 characters" in line["reason"]


@pytest.mark.parametrize("came", ["jsonl", "parquet"])
def test_a_list_of_another_shape_is_refused(tmp_path: Path, came: str) -> None:
    rows: list[dict[str, Any]] = [
        {"x": [1.0, 2.0]},
        {"x": [1.0]},
        {"x": [1.0, None]},
        {"x": [3.0, 4.0]},
    ]
    written(tmp_path / f"in/rows.{came}", rows)

    told = done(
        service_of(identity(shape=(-1, 2))), tmp_path / "in", tmp_path / "out", Options(to="jsonl")
    )

    assert results(tmp_path / "out", told) == [{"y": [1.0, 2.0]}, {"y": [3.0, 4.0]}]
    assert [each["row"] for each in refused(tmp_path / "out")] == [2, 3]


def test_a_later_part_of_json_lines_tells_the_byte(tmp_path: Path) -> None:
    lines = [f'{{"x":{n}}}\n' for n in range(50)]
    lines[40] = "{}\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.jsonl").write_text("".join(lines))

    told = done(service_of(identity()), tmp_path / "in", tmp_path / "out", part_bytes=100)

    assert told.predicted == 49
    [line] = refused(tmp_path / "out")
    assert line["byte"] == len("".join(lines[:40]))
    assert "row" not in line


def test_a_row_that_has_no_prediction_keeps_its_id_of_any_type(tmp_path: Path) -> None:
    table = pa.table({"x": [None, 1.0], "day": pa.array([0, 1], pa.date32())})
    (tmp_path / "in").mkdir()
    pq.write_table(table, tmp_path / "in/rows.parquet")

    done(service_of(identity()), tmp_path / "in", tmp_path / "out", Options(id="day"))

    assert [each["id"] for each in refused(tmp_path / "out")] == ["1970-01-01"]
