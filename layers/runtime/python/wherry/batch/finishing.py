"""
The end of a run: every receipt counted, and what came of each row added up.

It never tells more than is there: a partition without a receipt makes the run incomplete, and
counts that do not add up are refused, since then rows were lost or are there twice.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import msgspec

from wherry.batch.contract import MANIFEST, File, Manifest, Partition, Receipt
from wherry.batch.costs import cost
from wherry.batch.files import Files
from wherry.batch.folders import stored_run
from wherry.batch.partition import receipt_of
from wherry.batch.planning import stored_tasks
from wherry.batch.reasons import together
from wherry.errors import RefusedError

AT_ONCE = 16


def finish(files_out: Files, now: datetime, memory_mb: int = 0) -> Manifest:
    """
    Write the manifest, complete or not; RefusedError if the counts do not add up. `memory_mb` is
    that of a worker on AWS, and 0 on a machine that costs nothing more.
    """
    run, tasks = stored_run(files_out), stored_tasks(files_out)
    if run is None or tasks is None:
        raise RefusedError(files_out.url, "no run is planned here", "Plan it first.")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda task: receipt_of(files_out, task.partition.name), tasks))
    for task, receipt in zip(tasks, found, strict=True):
        if receipt is not None:
            _check(task.partition, receipt)
    done = [receipt for receipt in found if receipt is not None]
    busy = round(sum(receipt.seconds for receipt in done), 3)
    told = Manifest(
        run=run,
        complete=len(done) == len(tasks),
        partitions=len(tasks),
        missing=len(tasks) - len(done),
        rows=sum(receipt.rows for receipt in done),
        predicted=sum(receipt.predicted for receipt in done),
        refused=sum(receipt.refused for receipt in done),
        started=run.started,
        ended=now.isoformat(timespec="milliseconds"),
        seconds=round((now - datetime.fromisoformat(run.started)).total_seconds(), 3),
        busy_seconds=busy,
        cost=cost(busy, len(done), memory_mb) if memory_mb else None,
        files=tuple(
            _file(task.partition, receipt)
            for task, receipt in zip(tasks, found, strict=True)
            if receipt is not None and receipt.results
        ),
        reasons=together(reason for receipt in done for reason in receipt.reasons),
    )
    if told.complete:
        files_out.tidy()
    files_out.put(MANIFEST, msgspec.json.encode(told))
    return told


def _file(part: Partition, receipt: Receipt) -> File:
    return File(
        name=receipt.results,
        source=part.source,
        row=part.row,
        byte=-1 if part.row else part.first,
        rows=receipt.predicted,
    )


def _check(part: Partition, receipt: Receipt) -> None:
    wanted = part.rows or receipt.rows
    if receipt.rows != receipt.predicted + receipt.refused or receipt.rows != wanted:
        raise RefusedError(
            f"partition {part.name} of {part.source}",
            f"{wanted} rows came in; {receipt.predicted} were predicted and "
            f"{receipt.refused} refused",
            "Remove its receipt and its results, then run it again.",
        )
