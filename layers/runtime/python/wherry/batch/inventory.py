"""
The objects that an S3 inventory lists: its `manifest.json` names gzipped CSV files of keys.

Older versions and delete markers are passed over. An object that was replaced after the inventory
was made is refused when it is read, as one that changed after the planning is. Inventories in ORC
or Parquet are refused: CSV is what S3 makes unless it is asked for another form.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

import msgspec

from wherry.batch.files import Entry, Files
from wherry.errors import RefusedError

MANIFEST = "manifest.json"


class _File(msgspec.Struct):
    key: str


class _Inventory(msgspec.Struct, rename="camel"):
    file_format: str
    file_schema: str
    files: tuple[_File, ...]
    source_bucket: str


def inventory(files: Files) -> Iterator[Entry] | None:
    """None: the input is no inventory."""
    if not files.url.endswith(f"/{MANIFEST}") or not files.remote:
        return None
    told = files.read("")
    if told is None:
        return None
    try:
        found = msgspec.json.decode(told, type=_Inventory)
    except msgspec.DecodeError as error:
        raise RefusedError(files.url, f"it is no inventory of S3 ({error})") from None
    if found.file_format != "CSV":
        raise RefusedError(
            files.url, f"it is an inventory in {found.file_format}", "Make one in CSV."
        )
    return _entries(files, found)


def _entries(files: Files, told: _Inventory) -> Iterator[Entry]:
    names = [name.strip() for name in told.file_schema.split(",")]
    bucket = files.url.removeprefix("s3://").partition("/")[0]  # the lists are where it is
    for file in told.files:
        for cells in _rows(files, f"s3://{bucket}/{file.key}"):
            row = dict(zip(names, cells, strict=True))
            if row.get("IsLatest", "true") == "true" and row.get("IsDeleteMarker") != "true":
                yield _entry(files, row)


def _rows(files: Files, key: str) -> Iterator[list[str]]:
    data = files.read(key)
    if data is None:
        raise RefusedError(key, "the inventory names it, and it is not there")
    try:
        text = gzip.decompress(data).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RefusedError(key, f"it is no list of an inventory ({error})") from None
    yield from csv.reader(io.StringIO(text, newline=""))


def _entry(files: Files, row: Mapping[str, str]) -> Entry:
    """Keys are written as in an address; size and etag are in it only where it was asked for."""
    key = f"s3://{row['Bucket']}/{unquote_plus(row['Key'])}"
    if row.get("Size") and row.get("ETag"):
        return Entry(key, int(row["Size"]), row["ETag"])
    found = files.find(key)
    if found is None:
        raise RefusedError(key, "the inventory names it, and it is not there")
    return found
