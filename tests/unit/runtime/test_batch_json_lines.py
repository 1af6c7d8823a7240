"""A line of JSON Lines is one object, whatever stands around it, and nothing else is a row."""

from pathlib import Path

import pytest

from tests.support.batches import done, refused, results
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.contract import Options

WHOLE = b'{"x":1,"key":"whole"}'
SPREAD = b'{"x":2,"key":{"k":1,\n"m":2}}'
TWO = b'{"x":3,"key":"a"}{"x":4,"key":"b"}'


@pytest.mark.parametrize(
    "lines",
    [
        [WHOLE, SPREAD, TWO, WHOLE],  # as many objects as lines
        [WHOLE, SPREAD, WHOLE],
        [WHOLE, TWO, WHOLE],
        [WHOLE, TWO, b"", WHOLE],
        [WHOLE, b'{"x":2,"key":\n{"k":1}}' + WHOLE, WHOLE],
        [WHOLE, b'{"x":2,"key":{"k":1}\n}' + WHOLE, WHOLE],
        [WHOLE, b'{"x":2\n,"key":"c"}', TWO, WHOLE],
        [WHOLE, b"[\n]", WHOLE],
    ],
)
def test_two_objects_in_a_line_and_one_in_two_are_refused(
    tmp_path: Path, lines: list[bytes]
) -> None:
    data = b"\n".join(lines)
    (tmp_path / "in.jsonl").write_bytes(data)
    count = sum(bool(line) for line in data.split(b"\n"))

    told = done(
        service_of(several({"x": "FP64"})), tmp_path / "in.jsonl", tmp_path / "out",
        Options(keep=("key",)),
    )  # fmt: skip

    assert (told.rows, told.predicted) == (count, 2)
    assert [line["row"] for line in refused(tmp_path / "out")] == list(range(2, count))
    assert results(tmp_path / "out", told) == [{"key": "whole", "x_out": 1.0}] * 2


@pytest.mark.parametrize(
    "line", [WHOLE + b"\r", WHOLE + b" \t\r", b" \t" + WHOLE, b"\xef\xbb\xbf" + WHOLE]
)
def test_blanks_around_an_object_are_none_of_it(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "in.jsonl").write_bytes(line + b"\n \r\n" + WHOLE)

    told = done(service_of(several({"x": "FP64"})), tmp_path / "in.jsonl", tmp_path / "out")

    assert (told.rows, told.predicted) == (2, 2)
