"""
What lies between a parent and its child; arrays in one .npz, numbered: names may be anything.

A child that was taken over can write anything there, and go on writing. So a file is read by one
descriptor, up to a bound, and is what `write_arrays` writes (plain numbers or text, not compressed,
as long as its header tells) or is refused.
"""

import math
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np
from numpy.lib import format as files
from numpy.typing import NDArray

from wherry.errors import UnsafeError

Array = NDArray[Any]
MODEL, FEEDS, ANSWERS = "converted.onnx", "feeds.npz", "answers.npz"
MOST_BYTES = (1 << 31) - 1
WHERE = "the model"
# Of `zipfile` and `numpy`; the last one is Python's own, of text whose characters are none.
UNREADABLE = (
    BadZipFile, ValueError, KeyError, OSError, EOFError, NotImplementedError, SystemError
)  # fmt: skip


def write_arrays(file: Path, arrays: Mapping[str, Array]) -> list[str]:
    """Return the names, in the order of the arrays."""
    np.savez(file, *[_plain(np.asarray(array)) for array in arrays.values()])
    return list(arrays)


def read_arrays(file: Path, names: Sequence[str]) -> dict[str, Array]:
    """Text comes back as an array of Python's own strings; UnsafeError for another file."""
    with _opened(file) as (stream, size):
        try:
            with ZipFile(stream) as packed:
                if sum(each.file_size for each in packed.infolist()) > size:
                    raise _odd(file, "it tells of more bytes than it has")
                numbered = [f"arr_{number}.npy" for number in range(len(names))]
                arrays = [_own(_array(packed, each)) for each in numbered]
        except UNREADABLE as error:
            raise _odd(file, f"it cannot be read ({type(error).__name__})") from error
    return dict(zip(names, arrays, strict=True))


def read_model(file: Path) -> bytes:
    """The whole file, at most MOST_BYTES; UnsafeError for a longer one."""
    with _opened(file) as (stream, _):
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _odd(file, f"it has more than {MOST_BYTES} bytes")
    return data


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A plain file of at most MOST_BYTES, and its bytes; a link is none, nor is a folder."""
    try:
        stream = open(file, "rb", opener=_plain_alone)  # noqa: SIM115 - closed below
    except OSError as error:
        raise _odd(file, f"it is no plain file ({error.strerror})") from error
    with stream:
        told = os.fstat(stream.fileno())
        if not stat.S_ISREG(told.st_mode):
            raise _odd(file, "it is no plain file")
        if told.st_size > MOST_BYTES:
            raise _odd(file, f"it has more than {MOST_BYTES} bytes")
        yield stream, told.st_size


def _plain_alone(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _array(packed: ZipFile, name: str) -> Array:
    """Read only once its header is known to tell what is there: else the memory is taken first."""
    member = packed.getinfo(name)
    if member.compress_type != ZIP_STORED:
        raise ValueError(name)
    with packed.open(member) as stream:
        shape, dtype = _header(stream)
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in "biufU" or min(shape, default=0) < 0:
            raise ValueError(name)
        if stream.tell() + size != member.file_size:
            raise ValueError(name)
    with packed.open(member) as stream:
        array: Array = files.read_array(stream, allow_pickle=False)
    return array


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    reads = {(1, 0): files.read_array_header_1_0, (2, 0): files.read_array_header_2_0}
    shape, _, dtype = reads[files.read_magic(stream)](stream)
    return shape, dtype


def _odd(file: Path, what: str) -> UnsafeError:
    return UnsafeError(WHERE, f"what its child left as {file.name} is not taken: {what}")


def _plain(array: Array) -> Array:
    return array if array.dtype.kind in "biuf" else array.astype(np.str_)


def _own(array: Array) -> Array:
    return array.astype(object) if array.dtype.kind == "U" else array
