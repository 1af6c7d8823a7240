"""
The compressions that joblib writes, undone into a file of the child's own and bounded.

A bomb ends at the bound: nothing is held in memory, and nothing of what comes out is read yet.
"""

import bz2
import gzip
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from wherry.errors import UnsafeError

MOST_BYTES = 4 << 30
CHUNK = 1 << 20
SMALLER = "Save it without compression, or give a smaller model."


class _Zlib:
    """zlib without a header of gzip, as a file that is read once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._unpacks = file, zlib.decompressobj()

    def read(self, size: int) -> bytes:
        while not self._unpacks.eof:
            packed = self._unpacks.unconsumed_tail or self._file.read(CHUNK)
            if part := self._unpacks.decompress(packed, size):
                return part
            if not packed:
                raise EOFError("it ends within its compression")
        if self._unpacks.unused_data or self._file.read(1):
            raise EOFError("data follows the end of its compression")
        return b""


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


Opens = Callable[[BinaryIO], _Reads]
KINDS: tuple[tuple[bytes, Opens], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ", lzma.LZMAFile),
    (b"\x5d\x00\x00", lzma.LZMAFile),
    (b"\x78", _Zlib),
)
LZ4 = b"\x04\x22\x4d\x18"


@contextmanager
def unpacked(path: Path, most: int = MOST_BYTES) -> Iterator[BinaryIO]:
    """The bytes of a pickle, from the start; the file itself where it is not compressed."""
    with path.open("rb") as file:
        start = file.read(8)
        file.seek(0)
        if start.startswith(LZ4):
            raise UnsafeError(path.name, "it is compressed with lz4, which is not read", SMALLER)
        opens = next((opens for magic, opens in KINDS if start.startswith(magic)), None)
        if opens is None:
            yield file
            return
        with tempfile.TemporaryFile() as plain:
            _unpack(path, opens(file), plain, most)
            plain.seek(0)
            yield plain


def _unpack(path: Path, packed: _Reads, plain: IO[bytes], most: int) -> None:
    written = 0
    try:
        while part := packed.read(CHUNK):
            written += len(part)
            if written > most:
                raise UnsafeError(path.name, f"it unpacks to more than {most} bytes", SMALLER)
            plain.write(part)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UnsafeError(path.name, f"its compression is damaged ({error})") from error
