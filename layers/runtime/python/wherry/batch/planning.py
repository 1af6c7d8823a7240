"""
A run is planned once: which objects, cut into which parts, answered by which artifact.

The plan is written and from then on is what the run is: a second look at the input could find other
objects, and rows would be missing or there twice. Names of parts follow from what they are, so that
who does one twice writes the same files. It refuses, before anything is computed, what no part
could do: a column that is missing, a folder that holds something else, an output among the inputs.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

import msgspec

from wherry.batch.columns import Wanted
from wherry.batch.contract import PLAN, RUN, Format, Options, Partition, Run, Task
from wherry.batch.cutting import PART_BYTES, Cutter
from wherry.batch.files import Entry, Files
from wherry.batch.folders import check_free, same, stored_run
from wherry.batch.inventory import inventory
from wherry.batch.parts import Part
from wherry.batch.results import Results
from wherry.batch.walking import HIDDEN
from wherry.errors import RefusedError
from wherry.pinned import Pinned
from wherry.service import Service

NAME_DIGITS = 32
AT_ONCE = 16  # objects that are looked at beside each other

_SUFFIXES: dict[str, Format] = {
    ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_FORMATS = "a name that ends in .csv, .jsonl, .ndjson (each also .gz) or .parquet"


def new_run(
    pinned: Pinned, model: str, places: tuple[str, str], options: Options, started: str
) -> Run:
    """`places` are the input's and the output's addresses, as `Files` have them."""
    told = msgspec.json.encode([model, pinned.digest, *places, options])
    return Run(
        id=hashlib.sha256(told).hexdigest()[:NAME_DIGITS],
        model=model,
        pinned=pinned,
        input=places[0],
        output=places[1],
        options=options,
        started=started,
    )


def stored_tasks(files_out: Files) -> list[Task] | None:
    """The plan of that run; None: it is not planned yet."""
    told = files_out.read(PLAN)
    return None if told is None else msgspec.json.Decoder(Task).decode_lines(told)


def plan(
    service: Service, files_in: Files, files_out: Files, run: Run, *, part_bytes: int = PART_BYTES
) -> tuple[Run, list[Partition]]:
    """Write what the run is and its tasks, or find them written; RefusedError if it cannot be."""
    _check_apart(files_in.url, files_out.url)
    found = stored_run(files_out)
    if found is None:
        check_free(files_out)
    run = same(files_out, run, found or run)
    tasks = stored_tasks(files_out)
    if tasks is None:
        parts = _parts(service, files_in, run, part_bytes)  # what is refused here leaves no trace
        run = _begun(files_out, run)
        lines = [msgspec.json.encode(Task(run=run, partition=part)) + b"\n" for part in parts]
        files_out.create(PLAN, b"".join(lines))
        tasks = stored_tasks(files_out) or []  # another may have been quicker
    return run, [task.partition for task in tasks]


def _begun(files_out: Files, run: Run) -> Run:
    files_out.create(RUN, msgspec.json.encode(run))
    return same(files_out, run, stored_run(files_out) or run)


def cutter_of(service: Service, files_in: Files, run: Run, part_bytes: int = PART_BYTES) -> Cutter:
    """Knows what this run wants of each object."""
    wanted, results = Wanted(service.manifest, service.limits), Results(service.manifest)
    return Cutter(files_in, wanted, results, run.options, part_bytes)


def _parts(service: Service, files_in: Files, run: Run, part_bytes: int) -> list[Partition]:
    cutter = cutter_of(service, files_in, run, part_bytes)

    def cut_one(entry: Entry) -> list[Partition]:
        format_ = run.options.format or format_of(entry.key)
        return [_named(run, entry, format_, part) for part in cutter.cut(entry, format_)]

    # An inventory may list an object twice, and its rows are wanted once.
    entries = dict.fromkeys(entry for entry in entries_of(files_in, run.output) if entry.size)
    with ThreadPoolExecutor(AT_ONCE if files_in.remote else 1) as pool:
        return [part for parts in pool.map(cut_one, entries) for part in parts]


def entries_of(files: Files, output: str) -> Iterator[Entry]:
    """Without what is hidden, which other engines pass over too."""
    found = False
    listed = inventory(files)
    for entry in files.entries() if listed is None else listed:
        found = True
        _check_apart(files.address(entry.key), output)
        inside = PurePosixPath(entry.key.removeprefix(files.url if listed is None else "s3://"))
        if not any(part.startswith(HIDDEN) for part in inside.parts):
            yield entry
    if not found:
        todo = "Name an object, a folder or a prefix."
        if set(files.url) & set("*?["):
            todo = "Patterns are not taken: name the folder, or the prefix before them."
        raise RefusedError(files.url, "nothing is there", todo)


def format_of(key: str) -> Format:
    """By how its name ends."""
    suffix = PurePosixPath(key.lower().removesuffix(".gz")).suffix
    found = _SUFFIXES.get(suffix)
    if suffix in _IMAGES:
        raise RefusedError(
            key, "it is an image, and a batch reads rows",
            "Put images into Parquet or JSON Lines, a list of its pixels in each row.",
        )  # fmt: skip
    if found is None:
        raise RefusedError(key, "its name does not tell its format", f"Give it {_FORMATS}.")
    return found


def _named(run: Run, entry: Entry, format_: Format, part: Part) -> Partition:
    told = msgspec.json.encode(
        [run.pinned.digest, *entry, format_, part.first, part.last, part.skip, run.options]
    )
    return Partition(
        name=hashlib.sha256(told).hexdigest()[:NAME_DIGITS],
        source=entry.key,
        etag=entry.etag,
        size=entry.size,
        format=format_,
        first=part.first,
        last=part.last,
        row=part.row,
        rows=part.rows,
        skip=part.skip,
    )


def _check_apart(input_: str, output: str) -> None:
    """Results among the inputs would be read as inputs one day."""
    one, other = f"{input_}/", f"{output}/"
    if one.startswith(other) or other.startswith(one):
        raise RefusedError(
            output, f"{input_} is read, and one is inside the other",
            "Write to a folder of its own.",
        )  # fmt: skip
