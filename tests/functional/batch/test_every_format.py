"""Whatever format rows come in and go out in, each has the answer that the service gives it."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.batches import done, results, written
from tests.support.onnx_models import identity, one_step
from tests.support.plain_models import LABELS, classifier, imputing, namesakes, several
from tests.support.services import service_of
from wherry.batch.contract import Format, Options

FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet")
BOTH = list(product(FORMATS, FORMATS))


@pytest.mark.parametrize(("came", "to"), BOTH)
def test_a_classifier_answers_each_row_as_the_service_does(
    tmp_path: Path, came: str, to: Format
) -> None:
    rng = np.random.default_rng(1)
    rows = [
        {"more": f'a "{n}", b', "weight": float(w), "key": f"k{n}", "size, in cm": float(s)}
        for n, (w, s) in enumerate(rng.normal(5, 2, (40, 2)))
    ]
    written(tmp_path / f"in/rows.{came}", rows)
    service = service_of(classifier())

    told = done(
        service, tmp_path / "in", tmp_path / "out", Options(to=to, id="key", keep=("more",))
    )

    table = np.array([[row["size, in cm"], row["weight"]] for row in rows], np.float32)
    wanted = service.predict({"features": table})
    found = results(tmp_path / "out", told)
    assert (told.rows, told.predicted, told.refused, told.complete) == (40, 40, 0, True)
    assert [(row["key"], row["more"]) for row in found] == [
        (row["key"], row["more"]) for row in rows
    ]
    assert [row["label"] for row in found] == wanted["label"].tolist()
    assert list(found[0])[:3] == ["key", "more", "label"]
    for place, label in enumerate(LABELS):
        values = [_probability(row, label) for row in found]
        assert np.array_equal(np.array(values, np.float32), wanted["probabilities"][:, place])


def _probability(row: dict[str, Any], label: str) -> float:
    told = row["probabilities"][label] if "probabilities" in row else row[f"probabilities.{label}"]
    return float(told)


@pytest.mark.parametrize(("came", "to"), BOTH)
def test_columns_of_every_kind_come_back_as_they_are(tmp_path: Path, came: str, to: Format) -> None:
    kinds = {"text": "BYTES", "whole": "INT64", "small": "UINT8", "yes": "BOOL", "x": "FP64"}
    rows = [
        {"text": 'é "q"\n,', "whole": -(2**62), "small": 255, "yes": True, "x": 0.1},
        {"text": "", "whole": 2**62, "small": 0, "yes": False, "x": -1e-300},
    ]
    written(tmp_path / f"in/rows.{came}", rows)

    told = done(service_of(several(kinds)), tmp_path / "in", tmp_path / "out", Options(to=to))

    for row, found in zip(rows, results(tmp_path / "out", told), strict=True):
        wanted = {f"{name}_out": value for name, value in row.items()}
        assert found == ({n: _cell(v) for n, v in wanted.items()} if to == "csv" else wanted)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, float) else str(value)


@pytest.mark.parametrize("came", FORMATS)
def test_a_table_without_named_columns_comes_spread_over_numbered_ones_or_as_lists(
    tmp_path: Path, came: str
) -> None:
    spread: list[dict[str, Any]] = [
        {"x.2": 3.0 * n, "x.0": 1.0 * n, "x.1": 2.0 * n} for n in range(20)
    ]
    lists: list[dict[str, Any]] = [{"x": [row["x.0"], row["x.1"], row["x.2"]]} for row in spread]
    service = service_of(identity(shape=(-1, 3)))

    for name, rows in {"spread": spread, "lists": lists}.items():
        if (came, name) in (("csv", "lists"), ("jsonl", "spread")):
            continue
        written(tmp_path / name / f"rows.{came}", rows)
        told = done(service, tmp_path / name, tmp_path / f"{name}-out", Options(to="jsonl"))

        found = results(tmp_path / f"{name}-out", told)
        assert found == [{"y": row["x"]} for row in lists]


@pytest.mark.parametrize("came", ["jsonl", "parquet"])
def test_lists_of_lists_are_one_column(tmp_path: Path, came: str) -> None:
    rows = [{"x": [[1.0 * n, 2.0], [3.0, 4.0], [5.0, 6.0]]} for n in range(9)]
    written(tmp_path / f"in/rows.{came}", rows)

    told = done(
        service_of(identity(shape=(-1, 3, 2))), tmp_path / "in", tmp_path / "out",
        Options(to="jsonl"),
    )  # fmt: skip

    assert results(tmp_path / "out", told) == [{"y": row["x"]} for row in rows]


@pytest.mark.parametrize("came", FORMATS)
def test_a_missing_number_is_imputed_where_the_model_does(tmp_path: Path, came: str) -> None:
    rows: list[dict[str, Any]] = [{"x": 1.5, "k": 1}, {"x": None, "k": 2}, {"x": 3.0, "k": 3}]
    written(tmp_path / f"in/rows.{came}", rows)

    told = done(
        service_of(imputing()),
        tmp_path / "in",
        tmp_path / "out",
        Options(to="parquet", keep=("k",)),
    )

    assert [row["y"] for row in results(tmp_path / "out", told)] == [1.5, 7.0, 3.0]


@pytest.mark.parametrize("came", FORMATS)
def test_several_inputs_take_their_columns_by_name(tmp_path: Path, came: str) -> None:
    service = service_of(several({"a": "FP32", "b": "FP32"}))
    rows = [{"b": 2.0 * n, "a": 1.0 * n} for n in range(5)]
    written(tmp_path / f"in/rows.{came}", rows)

    told = done(service, tmp_path / "in", tmp_path / "out", Options(to="parquet"))

    assert results(tmp_path / "out", told) == [
        {"a_out": row["a"], "b_out": row["b"]} for row in rows
    ]


@pytest.mark.parametrize("came", ["csv", "jsonl"])
def test_what_is_compressed_is_one_part(tmp_path: Path, came: str) -> None:
    import gzip

    plain = written(tmp_path / f"rows.{came}", [{"x": 1.0 * n} for n in range(5000)])
    (tmp_path / "in").mkdir()
    (tmp_path / f"in/rows.{came}.gz").write_bytes(
        gzip.compress(b"\xef\xbb\xbf" + plain.read_bytes())
    )

    told = done(
        service_of(identity()), tmp_path / "in", tmp_path / "out", Options(to="parquet"),
        part_bytes=100,
    )  # fmt: skip

    found = results(tmp_path / "out", told)
    assert told.partitions == 1
    assert [row["y"] for row in found] == list(range(5000))


def test_what_is_not_finite_is_null_in_json_and_empty_in_csv(tmp_path: Path) -> None:
    rows = [{"x": -1.0}, {"x": 0.0}, {"x": 1.0}]
    written(tmp_path / "in/rows.parquet", rows)

    for to, wanted in {"jsonl": [None, None, 0.0], "csv": ["", "", "0.0"]}.items():
        told = done(
            service_of(one_step("Log")),
            tmp_path / "in",
            tmp_path / to,
            Options(to=to),  # type: ignore[arg-type] # one of them
        )

        assert [row["y"] for row in results(tmp_path / to, told)] == wanted


def test_all_columns_are_kept_where_asked(tmp_path: Path) -> None:
    rows = [{"x": 1.0, "more": {"a": [1, None]}, "big": 12345678901234567890}]
    written(tmp_path / "in/rows.jsonl", rows)

    told = done(service_of(identity()), tmp_path / "in", tmp_path / "out", Options(keep=("*",)))

    assert results(tmp_path / "out", told) == [{**rows[0], "y": 1.0}]


def test_a_table_whose_columns_have_no_names_of_their_own_is_told_by_its_inputs(
    tmp_path: Path,
) -> None:
    written(tmp_path / "in/rows.jsonl", [{"a": 1.0, "b": [2.0, 3.0]}])

    told = done(service_of(namesakes()), tmp_path / "in", tmp_path / "out")

    assert results(tmp_path / "out", told) == [{"y": [3.0, 4.0]}]
