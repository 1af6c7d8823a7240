"""
One partition: its rows read by chunks, one run of the model for each, results written once.

Its rows are counted twice, by what was read of them and by who knows nothing of that; where the two
differ, nothing is written. The results come first, then the side file of refused rows, then the
receipt, each created once under the partition's name. Killed anywhere in between, it is done again
from the start, finds what is there already, and leaves the same files. With its receipt there, it
is not done again.
"""

from math import prod
from time import perf_counter
from typing import Any

import msgspec

from wherry.batch.answering import answer
from wherry.batch.chunks import Chunk
from wherry.batch.columns import Wanted
from wherry.batch.contract import RECEIPTS, REFUSED, Format, Receipt, Task
from wherry.batch.files import Files
from wherry.batch.readers import reader_of
from wherry.batch.results import Results
from wherry.batch.writing import SideFile, Writer, create, spooled, writer_of
from wherry.errors import RefusedError
from wherry.service import Service

CHUNK_ROWS = 8_192  # of one run of the model
CHUNK_VALUES = 4 << 20  # of all its inputs, where rows are large: images, signals


def run_partition(service: Service, files_in: Files, files_out: Files, task: Task) -> Receipt:
    """Raise CloudError where files cannot be reached, RefusedError where the input has changed."""
    done = receipt_of(files_out, task.partition.name)
    if done is not None:
        return done
    _check_pinned(service, task)
    started = perf_counter()
    with spooled(files_out) as results, spooled(files_out) as side:
        refused = SideFile(side, task.partition.source)
        predicted = _predict(service, files_in, task, results, refused)
        receipt = _written(files_out, task, (predicted, results), refused, side)
    receipt = msgspec.structs.replace(receipt, seconds=round(perf_counter() - started, 3))
    files_out.create(receipt_key(receipt.name), msgspec.json.encode(receipt))
    return receipt_of(files_out, receipt.name) or receipt


def receipt_key(name: str) -> str:
    return f"{RECEIPTS}/{name}.json"


def receipt_of(files_out: Files, name: str) -> Receipt | None:
    """None: the partition is not done."""
    told = files_out.read(receipt_key(name))
    return None if told is None else msgspec.json.decode(told, type=Receipt)


def output_format(task: Task) -> Format:
    """As the input, unless the run says otherwise."""
    return task.run.options.to or task.partition.format


def _predict(service: Service, files_in: Files, task: Task, spool: Any, refused: SideFile) -> int:
    """How many rows were predicted."""
    wanted = Wanted(service.manifest, service.limits)
    reader = reader_of(files_in, task, wanted)
    writer = writer_of(output_format(task), spool, Results(service.manifest))
    predicted = 0
    for chunk in reader.chunks(task.run.options.chunk_rows or chunk_rows(wanted)):
        refused.write(chunk.refused)
        if chunk.rows:
            predicted += _answered(service, wanted, chunk, writer, refused)
    writer.close()
    _check_count(task, reader.counted(), predicted, refused.rows)
    return predicted


def _check_count(task: Task, came: int | None, predicted: int, refused: int) -> None:
    if came is None or came == predicted + refused:
        return
    part = task.partition
    kind = "row groups" if part.format == "parquet" else "bytes"
    raise RefusedError(
        f"{part.source}, {kind} {part.first} to {part.last}",
        f"{came} rows came in, of which {predicted} were predicted and {refused} refused: nothing "
        "is written of them",
        "It is a fault of Wherry's reader: report it, and try the same rows in another format.",
    )


def chunk_rows(wanted: Wanted) -> int:
    """As many as measured best, or as memory has room for."""
    values = sum(prod(each.shape) for each in wanted.inputs)
    return max(1, min(CHUNK_ROWS, CHUNK_VALUES // max(1, values)))


def _answered(
    service: Service, wanted: Wanted, chunk: Chunk, writer: Writer, refused: SideFile
) -> int:
    outputs, guilty = answer(service, wanted.tensors(chunk.table), chunk.rows)
    if guilty:
        refused.write(chunk.refusals(guilty))
        chunk = chunk.without(guilty)
    if chunk.rows:
        writer.write(chunk.kept, outputs)
    return chunk.rows


def _written(
    files_out: Files, task: Task, predicted: tuple[int, Any], refused: SideFile, side: Any
) -> Receipt:
    name = task.partition.name
    rows, spool = predicted
    key = f"part-{name}.{output_format(task)}" if rows else ""

    def is_done() -> bool:
        return receipt_of(files_out, name) is not None

    size = create(files_out, key, spool, is_done) if rows else 0
    if refused.rows:
        create(files_out, f"{REFUSED}/{name}.jsonl", side, is_done)
    return Receipt(
        name=name,
        rows=rows + refused.rows,
        predicted=rows,
        refused=refused.rows,
        results=key,
        bytes=size,
        reasons=refused.reasons.told(),
    )


def _check_pinned(service: Service, task: Task) -> None:
    if service.release.digest != task.run.pinned.digest:
        raise RefusedError(
            f"partition {task.partition.name}",
            f"it is pinned to {task.run.pinned.digest}, and {service.release.digest} is loaded",
            "Load the artifact that the run is pinned to.",
        )
