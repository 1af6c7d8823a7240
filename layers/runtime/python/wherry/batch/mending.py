"""
The few rows that look odd, read again one by one as POST /predict reads them.

What that takes is put in its place, and what it refuses is refused, in its own words. So batch and
request agree on every row, and all other rows are only ever read as whole columns.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from wherry.batch.arrays import Mask
from wherry.batch.chunks import Chunk
from wherry.batch.columns import Wanted, read_as
from wherry.errors import RequestError
from wherry.plain.faults import REQUEST
from wherry.plain.fields import Field, Row
from wherry.protocol.signature import quoted

Reader = Callable[[int], Row]  # by the place of a row; RequestError where it is refused


def mended(chunk: Chunk, odd: Mask, read: Reader, wanted: Wanted, fields: Sequence[Field]) -> Chunk:
    """The rows of `chunk`, whose table has `fields`, without those that are refused."""
    rows: list[Row] = []
    places: list[int] = []
    reasons: dict[int, str] = {}
    for place in map(int, np.flatnonzero(odd)):
        try:
            row = read(place)
            _check_texts(row, fields, wanted.limits.text_length)
        except RequestError as error:
            reasons[place] = reason_of(error)
        else:
            rows.append(row)
            places.append(place)
    table = chunk.table
    if rows:
        table = _replaced(table, places, table_of(list(zip(*rows, strict=True)), fields))
    whole = Chunk(table, chunk.kept, chunk.where, id=chunk.id)
    return whole.without(reasons, whole.refusals(reasons)) if reasons else whole


def table_of(columns: Sequence[Sequence[Any]], fields: Sequence[Field]) -> pa.Table:
    """Of the values of each field."""
    made = [pa.array(values, read_as(field)) for values, field in zip(columns, fields, strict=True)]
    return pa.table(made, names=[field.name for field in fields])


def reason_of(error: RequestError) -> str:
    """Without the number of the row in the one request that it was read as."""
    where = error.where.removeprefix("row 1, ")
    return str(RequestError("" if where in (REQUEST, "row 1") else where, error.what, error.todo))


def _replaced(table: pa.Table, places: Sequence[int], others: pa.Table) -> pa.Table:
    order = np.arange(len(table))
    order[list(places)] = len(table) + np.arange(len(others))
    return pa.concat_tables([table, others]).take(pa.array(order))


def _check_texts(row: Row, fields: Sequence[Field], most: int) -> None:
    for value, field in zip(row, fields, strict=True):
        if isinstance(value, str) and len(value) > most:
            raise too_long(field, most)


def too_long(field: Field, most: int) -> RequestError:
    """As PlainPredictor tells it."""
    where: Any = quoted(field.name)
    return RequestError(where, f"a text has over {most} characters", "Send shorter texts.")
