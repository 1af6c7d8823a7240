"""Whatever a column of Parquet holds can be carried through, and is written in one way."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.batches import done, refused, results
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.contract import Options
from wherry.batch.texts import csv_column, json_column

ID = UUID("00112233-4455-6677-8899-aabbccddeeff")
BYTES = b"\xff\x00ab"
AT = dt.datetime(2026, 1, 2, 3, 4, 5, 678900)  # noqa: DTZ001 - a column says its zone
DAY = "2026-01-02"
NANO = 1767322800123456789
ZONE = "Europe/Berlin"


def _bytes_of(value: bytes) -> pa.Array:
    return pa.array([value], pa.binary(len(value)))


COLUMNS = {
    "uuid": (pa.ExtensionArray.from_storage(pa.uuid(), _bytes_of(ID.bytes)), str(ID)),
    "binary": (pa.array([BYTES]), "/wBhYg=="),
    "large-binary": (pa.array([BYTES], pa.large_binary()), "/wBhYg=="),
    "binary-view": (pa.array([BYTES], pa.binary_view()), "/wBhYg=="),
    "fixed-size-binary": (_bytes_of(BYTES), "/wBhYg=="),
    "categories-of-bytes": (pa.array([BYTES]).dictionary_encode(), "/wBhYg=="),
    "large-string": (pa.array(["a"], pa.large_string()), "a"),
    "string-view": (pa.array(["a"], pa.string_view()), "a"),
    "decimal": (pa.array([Decimal("1.50")]), "1.50"),
    "date": (pa.array([AT.date()]), DAY),
    "time": (pa.array([NANO % 10**9], pa.time64("ns")), "00:00:00.123456789"),
    "timestamp": (pa.array([AT]), "2026-01-02T03:04:05.678900"),
    "nanoseconds": (pa.array([NANO], pa.timestamp("ns")), "2026-01-02T03:00:00.123456789"),
    "zone": (pa.array([NANO], pa.timestamp("ns", ZONE)), "2026-01-02T04:00:00.123456789+01:00"),
    "duration": (pa.array([1500], pa.duration("ns")), 1500),
    "half-float": (pa.array([1.5], pa.float16()), 1.5),
    "float": (pa.array([0.1], pa.float32()), 0.1),
    "whole": (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
    "truth": (pa.array([True]), True),
    "nothing": (pa.nulls(1), None),
    "list": (pa.array([[BYTES]]), ["/wBhYg=="]),
    "list-of-times": (
        pa.array([[NANO]], pa.list_(pa.timestamp("ns"))), ["2026-01-02 03:00:00.123456789"],
    ),
    "structure": (pa.array([{"a": BYTES, "b": [AT.date()]}]), {"a": "/wBhYg==", "b": [DAY]}),
    "map": (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), [["k", 1]]),
    "tensor": (
        pa.ExtensionArray.from_storage(
            pa.fixed_shape_tensor(pa.int32(), [2]), pa.array([[1, 2]], pa.list_(pa.int32(), 2))
        ),
        [1, 2],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_any_type_is_text(kind: str) -> None:
    column, wanted = COLUMNS[kind]
    column = pa.concat_arrays([column, pa.nulls(1, column.type), column]).slice(1)

    assert [json.loads(told) for told in json_column(column).to_pylist()] == [None, wanted]
    empty, cell = csv_column(column).to_pylist()
    assert empty == ""
    if isinstance(wanted, list | dict):
        assert json.loads(cell[1:-1].replace('""', '"')) == wanted
    elif wanted is not None:
        text = wanted if isinstance(wanted, str) else json.dumps(wanted)
        assert cell.replace(" ", "T").replace("+0100", "+01:00") == text


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16, np.int64])
def test_a_number_is_written_alike_whether_or_not_another_is_missing(kind: Any) -> None:
    whole = pa.array(np.array([3, 4], kind))
    holed = pa.concat_arrays([whole[:1], pa.nulls(1, whole.type)])

    for told in (csv_column, json_column):
        assert told(holed)[0] == told(whole)[0]


def test_what_is_no_number_is_an_empty_cell_and_null() -> None:
    column = pa.array([float("nan"), None, float("inf"), 3.0])

    assert csv_column(column).to_pylist() == ["", "", "", "3.0"]
    assert json_column(column).to_pylist() == ["null", "null", "null", "3.0"]


@pytest.mark.parametrize("to", ["csv", "jsonl"])
@pytest.mark.parametrize("kind", ["uuid", "fixed-size-binary", "nanoseconds", "duration"])
def test_an_id_of_any_type_names_the_rows_that_are_refused(
    tmp_path: Path, kind: str, to: Any
) -> None:
    column, wanted = COLUMNS[kind]
    rows = pa.table({"id": pa.concat_arrays([column, column]), "x": [1.0, None]})
    pq.write_table(rows, tmp_path / "in.parquet")

    told = done(
        service_of(several({"x": "FP64"})), tmp_path / "in.parquet", tmp_path / "out",
        Options(id="id", to=to),
    )  # fmt: skip

    [row] = results(tmp_path / "out", told)
    assert str(row["id"]).replace(" ", "T") == str(wanted)
    assert [line["id"] for line in refused(tmp_path / "out")] == [wanted]
