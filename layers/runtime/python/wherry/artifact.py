"""
The artifact: the sealed files of one model version, known by one digest.

The digest is the SHA-256 of the manifest's bytes as they are stored (never of a manifest written
again: a later Wherry might write it differently), and the manifest pins every other file. An
`Artifact` made by `sealed` or `verified` holds only bytes that match. Nothing here reads or writes.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Self

import msgspec

from wherry.errors import IntegrityError
from wherry.manifest import MANIFEST, FileEntry, Manifest, digest_of

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_AGAIN = "Publish the model again from its own folder, or restore the store from a copy."


class Artifact(msgspec.Struct, frozen=True):
    """`files` holds the manifest's own bytes too, under its name, and all or some of the rest."""

    digest: str
    manifest: Manifest
    files: Mapping[str, bytes]

    @classmethod
    def seal(cls, manifest: Manifest, files: Mapping[str, bytes]) -> Self:
        """Return the artifact of `files`; the manifest is made to list them, and only them."""
        for name in files:
            check_file_name(name)
        listed = {name: _entry(data) for name, data in sorted(files.items())}
        data = msgspec.structs.replace(manifest, files=listed).to_bytes()
        return cls.verified(digest_of(data), {**files, MANIFEST: data})

    @classmethod
    def verified(cls, digest: str, files: Mapping[str, bytes]) -> Self:
        """Raise IntegrityError unless each file is, to the byte, the one that `digest` pins."""
        if MANIFEST not in files:
            raise IntegrityError(digest, f"it has no {MANIFEST}", _AGAIN)
        manifest = verified_manifest(digest, files[MANIFEST])
        for name, data in files.items():
            if name != MANIFEST:
                check_file(manifest, name, data)
        return cls(digest, manifest, dict(files))

    @property
    def is_complete(self) -> bool:
        """Whether every file that the manifest lists is here."""
        return self.files.keys() == {MANIFEST, *self.manifest.files}


def verified_manifest(digest: str, data: bytes) -> Manifest:
    """Read a manifest only after its bytes are known to be the pinned ones."""
    if digest_of(data) != digest:
        raise IntegrityError(f"{MANIFEST} of {digest}", f"its digest is {digest_of(data)}", _AGAIN)
    manifest = Manifest.from_bytes(data)
    for name in manifest.files:
        check_file_name(name)
    return manifest


def check_file(manifest: Manifest, name: str, data: bytes) -> None:
    """Raise IntegrityError unless `data` is the file `name` that the manifest lists."""
    listed = manifest.files.get(name)
    if listed is None:
        raise IntegrityError(name, "the manifest lists no such file", _AGAIN)
    if _entry(data) != listed:
        raise IntegrityError(
            f"{name} of model {manifest.model}",
            f"{len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}; the manifest says "
            f"{listed.bytes} bytes, {listed.sha256}",
            _AGAIN,
        )


def check_file_name(name: str) -> None:
    """Only a plain name of a file beside the manifest: no folder, no other name of the manifest."""
    if not FILE_NAME.fullmatch(name) or name.lower() == MANIFEST:
        raise IntegrityError(repr(name), "no name for a file of an artifact")


def _entry(data: bytes) -> FileEntry:
    return FileEntry(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
