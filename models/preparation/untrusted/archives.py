"""
Unpack a zip or tar that nobody has vouched for: plain files and folders, below one folder, bounded.

Bytes are counted as they are written, so a header that lies gains nothing. Nothing of an archive
that is refused stays.
"""

import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from zipfile import ZipFile, is_zipfile

from models.preparation.untrusted.zips import checked_zip, unsafe_name
from wherry.errors import UnsafeError

CHUNK = 1 << 20
TODO = "Pack the files again, plainly, or give the folder itself."


@dataclass(frozen=True)
class Bounds:
    """Of one archive: members, and the bytes that are really written."""

    members: int = 20_000
    bytes: int = 4 << 30


@dataclass(frozen=True)
class _Member:
    name: str
    is_folder: bool
    opens: Callable[[], IO[bytes] | None]


def unpack(archive: Path, folder: Path, bounds: Bounds = Bounds()) -> None:
    """Into `folder`, which is there and empty; UnsafeError if any member is not as it should be."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        made = Path(place, "unpacked")
        made.mkdir()
        _unpack(archive, made, bounds)
        for each in made.iterdir():
            shutil.move(each, folder / each.name)


def _unpack(archive: Path, folder: Path, bounds: Bounds) -> None:
    left, seen = bounds.bytes, set[str]()
    for number, member in enumerate(_members(archive, bounds)):
        if number >= bounds.members:
            raise _unsafe(archive, f"it has more than {bounds.members} members")
        if wrong := unsafe_name(member.name):
            raise _unsafe(archive, f"its member {member.name[:80]!r} {wrong}")
        if (folded := member.name.rstrip("/").casefold()) in seen:
            raise _unsafe(archive, f"its member {member.name[:80]!r} is there twice")
        seen.add(folded)
        left -= _write(archive, member, folder / member.name, left)


def _members(archive: Path, bounds: Bounds) -> Iterator[_Member]:
    if not is_zipfile(archive):
        yield from _of_tar(archive)
        return
    checked_zip(archive, bounds.bytes)
    with ZipFile(archive) as packed:
        for each in packed.infolist():
            yield _Member(each.filename, each.is_dir(), partial(packed.open, each))


def _of_tar(archive: Path) -> Iterator[_Member]:
    try:
        with tarfile.open(archive, "r|*") as packed:  # a stream: nothing is sought, nothing listed
            for each in packed:
                if not (each.isreg() or each.isdir()):
                    raise _unsafe(archive, f"its member {each.name[:80]!r} is a link or a device")
                yield _Member(each.name, each.isdir(), partial(packed.extractfile, each))
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise _unsafe(archive, f"it is no archive, or a damaged one ({error})") from error


def _write(archive: Path, member: _Member, path: Path, left: int) -> int:
    """How many bytes were written."""
    if member.is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("xb") as file, member.opens() or file as source:
        while part := source.read(CHUNK):
            written += len(part)
            if written > left:
                raise _unsafe(archive, "it unpacks to more bytes than it may")
            file.write(part)
    return written


def _unsafe(archive: Path, what: str) -> UnsafeError:
    return UnsafeError(archive.name, what, TODO)
