"""Batch runs of tests: a folder of inputs, done part by part in this process, and what came."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wherry.batch.contract import REFUSED, Manifest, Options, Run, Task
from wherry.batch.files import Files, open_files
from wherry.batch.finishing import finish
from wherry.batch.partition import run_partition
from wherry.batch.planning import new_run, plan
from wherry.pinned import Pinned
from wherry.service import Service

NOW = datetime(2026, 7, 1, tzinfo=UTC)
Rows = Sequence[Mapping[str, Any]]


def the_run(service: Service, files_in: Files, files_out: Files, options: Options) -> Run:
    """Pinned to what the service is."""
    release = service.release
    pinned = Pinned(release.name, release.version, release.digest)
    places = (files_in.url, files_out.url)
    return new_run(pinned, release.model, places, options, NOW.isoformat())


def done(
    service: Service, source: Path | str, output: Path | str, options: Options | None = None,
    part_bytes: int = 64 << 20,
) -> Manifest:  # fmt: skip
    """A whole run, from plan to manifest."""
    files_in, files_out = open_files(str(source)), open_files(str(output))
    return done_in(service, files_in, files_out, options or Options(), part_bytes)


def done_in(
    service: Service, files_in: Files, files_out: Files, options: Options, part_bytes: int
) -> Manifest:
    """The same, of files that are open."""
    run = the_run(service, files_in, files_out, options)
    run, parts = plan(service, files_in, files_out, run, part_bytes=part_bytes)
    for part in parts:
        run_partition(service, files_in, files_out, Task(run=run, partition=part))
    return finish(files_out, NOW)


def written(path: Path, rows: Rows) -> Path:
    """A file of rows, in the format that its name tells; lists are one column of lists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".csv":
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        case _:
            pq.write_table(pa.Table.from_pylist(list(rows)), path, row_group_size=7)
    return path


def results(output: Path, manifest: Manifest) -> list[dict[str, Any]]:
    """Every row that was written, in the order of the parts."""
    return [row for file in manifest.files for row in read(output / file.name)]


def read(path: Path) -> Iterable[dict[str, Any]]:
    """The rows of a file; of CSV, texts."""
    match path.suffix:
        case ".csv":
            with path.open(newline="") as file:
                return list(csv.DictReader(file))
        case ".jsonl":
            return [json.loads(line) for line in path.read_text().splitlines()]
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def refused(output: Path) -> list[dict[str, Any]]:
    """Every line of the side files, by row."""
    lines = [
        json.loads(line)
        for path in sorted((output / REFUSED).glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    return sorted(lines, key=lambda line: (line["source"], line.get("row", 0), line.get("byte", 0)))
