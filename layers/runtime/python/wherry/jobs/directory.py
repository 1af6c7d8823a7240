"""
Jobs in a directory: a file a record, a file an object, and links to them that this server signs.

What is written is written beside and renamed, so that a reader sees all of a file or none; a lock
makes one move of two win, in other processes too. For one machine, and whom its file system trusts.
"""

import fcntl
import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time

import msgspec

from wherry.jobs.contract import LINK_SECONDS, Job, is_id
from wherry.jobs.store import Link, new_token

_decoder = msgspec.json.Decoder(Job)
_PARTS = {"GET": "result", "PUT": "input"}


class FileRecords:
    """Below `folder`, by their ids."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, job: Job, now: float) -> Job:
        """See Records."""
        with self._locked():
            there = self.get(job.id)
            if there is not None and now < there.expires:
                return there
            self._write(job)
        return job

    def get(self, job_id: str) -> Job | None:
        """See Records."""
        if not is_id(job_id):
            return None
        with suppress(FileNotFoundError):
            return _decoder.decode(self._path(job_id).read_bytes())
        return None

    def move(self, old: Job, new: Job) -> bool:
        """See Records."""
        with self._locked():
            there = self.get(old.id)
            if there is None or there.revision != old.revision:
                return False
            self._write(new)
        return True

    def all(self) -> list[Job]:
        """Every job, expired or not."""
        found = [self.get(path.stem) for path in self._folder.glob("*.json")]
        return [job for job in found if job is not None]

    def remove(self, job: Job) -> None:
        """Forget one that has expired."""
        self._path(job.id).unlink(missing_ok=True)

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"

    def _write(self, job: Job) -> None:
        write(self._path(job.id), msgspec.json.encode(job))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class FileObjects:
    """Below `folder`; `now` is the seconds since 1970. Links are good until the server ends."""

    def __init__(self, folder: Path, now: Callable[[], float] = time) -> None:
        self._folder = folder
        self.now = now
        self._secret = new_token().encode()

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:  # noqa: ARG002 - the record has them, and who serves the file reads it
        """See Objects."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, data)

    def read(self, key: str, size: int) -> bytes | None:
        """See Objects."""
        return self.path(key).read_bytes() if self.size(key) == size else None

    def size(self, key: str) -> int | None:
        """See Objects."""
        with suppress(FileNotFoundError):
            return self.path(key).stat().st_size
        return None

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            path = self.path(key)
            path.unlink(missing_ok=True)
            with suppress(OSError):  # others are still in it, or it never was
                path.parent.rmdir()

    def link(self, wanted: Link) -> str:
        """See Objects; without a host, the URL is one of this server."""
        base = f"http://{wanted.host}" if wanted.host else ""
        token = self._token(wanted.method, wanted.key, int(self.now()) + LINK_SECONDS)
        return f"{base}{wanted.url}/{_PARTS[wanted.method]}/{token}"

    def allows(self, token: str, method: str, key: str) -> bool:
        """Whether a link with such a token was made, and is still good."""
        until, _, _ = token.partition("-")
        if not (until.isascii() and until.isdigit() and self.now() < int(until)):
            return False
        return hmac.compare_digest(token.encode(), self._token(method, key, int(until)).encode())

    def path(self, key: str) -> Path:
        """Where it is, or would be."""
        return self._folder / key

    def _token(self, method: str, key: str, until: int) -> str:
        told = hmac.digest(self._secret, f"{method} {key} {until}".encode(), "sha256")
        return f"{until}-{told.hex()}"


def write(path: Path, data: bytes) -> None:
    """All of it or nothing."""
    beside = path.with_name(f".{path.name}.{new_token()}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)  # noqa: PTH105 - as the word for it is
    finally:
        beside.unlink(missing_ok=True)
