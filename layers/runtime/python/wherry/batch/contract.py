"""
What a batch run is made of, as it is written down: by the planner, by each partition, at the end.

The state machine, the process pool on one machine and the commands read the same few structures.
All of them are JSON in the output folder, below `_wherry`, where no reader of data looks.
"""

from typing import Annotated, Any, Literal

import msgspec

from wherry.pinned import Pinned

Format = Literal["csv", "jsonl", "parquet"]

STATE = "_wherry"  # the folder of a run's own files, below its output
RUN = f"{STATE}/run.json"  # written once: a folder holds the results of one run and no other
PLAN = f"{STATE}/plan.jsonl"  # one line a partition, each a Task: what the Map state reads
MANIFEST = f"{STATE}/manifest.json"
RECEIPTS = f"{STATE}/receipts"
REFUSED = f"{STATE}/refused"  # side files: JSON Lines of row number and reason


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    How rows are read and written. `format` is that of the input, by its names if empty; `to` that
    of the output, as the input if empty. `keep` are columns to carry through, all for `*`; `id` is
    the column that makes rows traceable, carried through too and told in side files. `part_rows`
    bounds the rows of a part, beside its bytes: see wherry.batch.cutting.
    """

    format: Format | Literal[""] = ""
    to: Format | Literal[""] = ""
    keep: tuple[str, ...] = ()
    id: str = ""
    chunk_rows: int = 0  # rows of one run of the model; 0: what measured best
    part_rows: Annotated[int, msgspec.Meta(ge=0)] = 0  # 0: bounded by bytes alone


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """
    A part of one input object: bytes `first` to `last` (without it) of text, beginning and ending
    with whole rows; row groups of Parquet, without the first `skip` rows of them. `row` is the
    number of its first row in the object, from 1, where the planner knows it, or 0; `rows` is how
    many it has, where that is told without reading them, or 0. `name` is derived from all of this,
    the artifact's digest and the options: it is what its results are called.
    """

    name: str
    source: str
    etag: str
    size: int
    format: Format
    first: int
    last: int
    row: int = 0
    rows: int = 0
    skip: int = 0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which artifact answers which input into which folder; `id` is a hash of all that, and not of
    when it `started`.
    """

    id: str
    model: str
    pinned: Pinned
    input: str
    output: str
    options: Options = Options()
    started: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """All that a worker needs to do one partition."""

    run: Run
    partition: Partition


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row without a prediction: a line of a side file. Where `row` is not known, `byte` is."""

    row: int = 0
    byte: int = -1
    id: Any = None
    reason: str
    source: str = ""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why so many rows were refused, in the words of the first of them."""

    reason: str
    rows: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Written last, when a partition's results are there: it is done, and never done again."""

    name: str
    rows: int
    predicted: int
    refused: int
    results: str = ""  # the key of the result below the output; empty where no row was predicted
    bytes: int = 0
    seconds: float = 0.0
    reasons: tuple[Reason, ...] = ()  # the commonest of the refused


class File(msgspec.Struct, frozen=True, kw_only=True):
    """
    A file of results below the output: its `rows` are of the object `source`, in that order, and
    come from its row `row` on, or, where that is 0, from its byte `byte` on.
    """

    name: str
    source: str
    row: int = 0
    byte: int = -1
    rows: int


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """Files of the input that are not in a run as it was planned, since they came later or went."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


NO_DRIFT = Drift()


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a run ended. `rows` is always `predicted` + `refused`, or it is not written; `missing` are
    partitions without a receipt, and `complete` that there are none. `seconds` are all from
    `started` to `ended`; `cost` is in dollars, about, and None where no AWS ended it.
    """

    run: Run
    complete: bool
    partitions: int
    missing: int
    rows: int
    predicted: int
    refused: int
    started: str
    ended: str
    seconds: float = 0.0
    busy_seconds: float  # of all workers together
    cost: float | None = None
    files: tuple[File, ...] = ()
    reasons: tuple[Reason, ...] = ()  # the commonest of the refused, about
