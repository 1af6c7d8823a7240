"""Which reader reads a partition: by its format."""

from collections.abc import Iterator
from typing import Protocol

from wherry.batch.chunks import Chunk
from wherry.batch.columns import Wanted
from wherry.batch.contract import Task
from wherry.batch.files import Files


class Reader(Protocol):
    """Gives the rows of one partition, in order."""

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Of at most so many rows."""

    def counted(self) -> int | None:
        """
        How many rows the partition has, told without what `chunks` reads them by; None where only
        that can tell. Asked when all chunks have been read.
        """


def reader_of(files: Files, task: Task, wanted: Wanted) -> Reader:
    """Each format's code is imported where it is read."""
    part, options = task.partition, task.run.options
    if part.format == "parquet":
        from wherry.batch.parquet_rows import ParquetRows

        return ParquetRows(files, part, wanted, options)
    if part.format == "csv":
        from wherry.batch.csv_rows import CsvFileRows

        return CsvFileRows(files, part, wanted, options)
    from wherry.batch.json_rows import JsonLineRows

    return JsonLineRows(files, part, wanted, options)
