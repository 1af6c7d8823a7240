"""Zip files (skops, torch, Keras) before a library reads them: names, sizes, no links."""

import stat
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from wherry.errors import UnsafeError

MOST_MEMBERS = 20_000
MOST_BYTES = 4 << 30
MOST_RATIO = 1032  # deflate cannot do better than this, so a header that tells more lies
SMALL = 1 << 20
ENCRYPTED = 1


def checked_zip(path: Path, most_bytes: int = MOST_BYTES) -> frozenset[str]:
    """The names of its members; UnsafeError, with what is wrong, if any could do harm."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, RecursionError) as error:
        raise UnsafeError(path.name, f"it is no zip file, or a damaged one ({error})") from error
    if len(members) > MOST_MEMBERS:
        raise UnsafeError(path.name, f"it has more than {MOST_MEMBERS} members")
    if sum(each.file_size for each in members) > most_bytes:
        raise UnsafeError(path.name, f"it unpacks to more than {most_bytes} bytes")
    seen: set[str] = set()
    for each in members:
        if wrong := _wrong(each, seen):
            raise UnsafeError(path.name, f"its member {each.filename[:80]!r} {wrong}")
        seen.add(each.filename.casefold())
    _really(path, members)
    return frozenset(each.filename for each in members)


def unsafe_name(name: str) -> str | None:
    """What is wrong with a member's name; None if it stays below the folder it is unpacked in."""
    if not name or "\0" in name or "\\" in name or ":" in name or not name.isprintable():
        return "has no plain name"
    if name.startswith("/"):
        return "has an absolute path"
    if ".." in PurePosixPath(name).parts:
        return "leaves the folder by `..`"
    return None


def _wrong(member: ZipInfo, seen: set[str]) -> str | None:
    if wrong := unsafe_name(member.filename):
        return wrong
    kind = stat.S_IFMT(member.external_attr >> 16)
    most = max(SMALL, MOST_RATIO * member.compress_size)
    judged = (
        (kind not in {0, stat.S_IFREG, stat.S_IFDIR}, "is a link or a device"),
        (member.filename.casefold() in seen, "is there twice"),
        (bool(member.flag_bits & ENCRYPTED), "is encrypted"),
        (member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}, "is compressed in a way not read"),
        (member.file_size > most, "is a bomb: it tells more than it can unpack to"),
    )
    return next((told for is_wrong, told in judged if is_wrong), None)


def _really(path: Path, members: list[ZipInfo]) -> None:
    """Unpack each to nowhere: `zipfile` stops at the size told, and knows what is left over."""
    with ZipFile(path) as archive:
        for member in members:
            try:
                with archive.open(member) as file:
                    while file.read(SMALL):
                        pass
            except Exception as error:
                told = f"its member {member.filename[:80]!r} is not what its header tells"
                raise UnsafeError(path.name, told) from error
