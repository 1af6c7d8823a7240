"""A data set in several objects and formats, and what became of each of its rows."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tests.proof.world import THREADS, World

OBJECTS = 40
REFUSED_EACH = 500  # one of so many has no number where one belongs
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
CLOSE = 1e-5


@dataclass(frozen=True)
class RowCounts:
    """`wrong` came twice, were not asked for, or are another row's; `agrees`: so the manifest."""

    rows: int
    predicted: int
    refused: int
    missing: int
    wrong: int
    agrees: bool

    @property
    def hold(self) -> bool:
        """Whether each row came out once."""
        whole = self.predicted + self.refused == self.rows
        return whole and self.agrees and not self.missing and not self.wrong


def is_bad(number: int) -> bool:
    return number % REFUSED_EACH == 0


def folder(world: World, noun: str) -> str:
    return f"batch/{world.model}/proof/{noun}"


def put(world: World, rows: NDArray[np.float64]) -> None:
    """Cut the rows into objects of all three formats in turn."""
    parts = np.array_split(np.arange(len(rows)), OBJECTS)
    formats = (_csv, _json_lines, _parquet)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(
            lambda at: _put(world, at, *formats[at % 3](parts[at], rows)), range(OBJECTS)
        ))  # fmt: skip


def command(world: World) -> list[str]:
    """What starts the run, and goes on with it."""
    come, go = (f"s3://{world.bucket}/{folder(world, noun)}/" for noun in ("in", "out"))
    told = ["--input", come, "--output", go, "--id", "row", "--to", "jsonl"]
    return ["batch", "run", world.model, *told]


def count(world: World, rows: NDArray[np.float64]) -> RowCounts:
    """All of them, when the run has ended."""
    out = folder(world, "out")
    return tally(
        _lines(world, f"{out}/part-"),
        [int(each["id"]) for each in _lines(world, f"{out}/_wherry/refused/")],
        json.loads(world.objects(f"{out}/_wherry/manifest.json")[""]),
        world.service().predict({"features": rows.astype(np.float32)})["probabilities"],
    )


def tally(
    predicted: Sequence[Mapping[str, Any]],
    refused: Sequence[int],
    manifest: Mapping[str, Any],
    wanted: NDArray[np.float32],
) -> RowCounts:
    """What came, held against what is wanted of each row."""
    came, gone = Counter(int(each["row"]) for each in predicted), Counter(refused)
    right = {number for each in predicted if _is_right(each, number := int(each["row"]), wanted)}
    answered = sum(came[number] == 1 and not gone[number] for number in right)
    denied = sum(
        is_bad(number) and times == 1 and not came[number] for number, times in gone.items()
    )
    return RowCounts(
        rows=len(wanted),
        predicted=answered,
        refused=denied,
        missing=len(set(range(len(wanted))) - came.keys() - gone.keys()),
        wrong=len(predicted) + len(refused) - answered - denied,
        agrees=[manifest[name] for name in ("rows", "predicted", "refused")]
        == [len(wanted), len(predicted), len(refused)],
    )


def _is_right(told: Mapping[str, Any], number: int, wanted: NDArray[np.float32]) -> bool:
    if is_bad(number) or number >= len(wanted):
        return False
    return bool(np.abs(wanted[number] - [*told["probabilities"].values()]).max() < CLOSE)


def _lines(world: World, prefix: str) -> list[dict[str, Any]]:
    found = world.objects(prefix).values()
    return [json.loads(line) for body in found for line in body.splitlines() if line]


def _put(world: World, at: int, end: str, content: bytes) -> None:
    key = f"{folder(world, 'in')}/{at:02}.{end}"
    world.s3.put_object(Bucket=world.bucket, Key=key, Body=content)


def _csv(part: NDArray[np.int64], rows: NDArray[np.float64]) -> tuple[str, bytes]:
    file = io.StringIO()
    told = csv.writer(file)
    told.writerow(["row", *FEATURES])
    told.writerows(
        [at, *rows[at, :3], "wet" if is_bad(at) else rows[at, 3]] for at in part.tolist()
    )
    return "csv", file.getvalue().encode()


def _json_lines(part: NDArray[np.int64], rows: NDArray[np.float64]) -> tuple[str, bytes]:
    lines = (
        {"row": at, **dict(zip(FEATURES, [*rows[at, :3], "wet" if is_bad(at) else rows[at, 3]],
                               strict=True))}
        for at in part.tolist()
    )  # fmt: skip
    return "jsonl", "\n".join(map(json.dumps, lines)).encode()


def _parquet(part: NDArray[np.int64], rows: NDArray[np.float64]) -> tuple[str, bytes]:
    columns: dict[str, Any] = dict(zip(FEATURES, rows[part].T, strict=True))
    bad = np.array([is_bad(at) for at in part.tolist()])
    columns[FEATURES[3]] = pa.array(columns[FEATURES[3]], mask=bad)
    file = io.BytesIO()
    pq.write_table(pa.table({"row": part, **columns}), file)
    return "parquet", file.getvalue()
