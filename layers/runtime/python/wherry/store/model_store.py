"""
The model store: content-addressed artifacts, and the numbers under which they were published.

    artifacts/sha256/<hex>/<file>          the manifest is written last: no manifest, no artifact
    models/<name>/versions/<8 digits>.json  written after the artifact: no record, no version
    artifacts/sha256/<hex>/signatures/<model>.<8 digits>.<key>.dsse.json  written after the record

Every key is written once and never changed, so a publisher that is killed leaves nothing that
reads as a version, and running it again completes it. Whoever wants number n has read the records
below n and creates n only if it is free, so that two publishers get two numbers and the same
artifact gets one. It refuses to load bytes whose SHA-256 is not the pinned one, and to overwrite.
"""

import os
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Self

import msgspec
import orjson

from wherry.artifact import DIGEST, Artifact, check_file, verified_manifest
from wherry.errors import IntegrityError, MissingArtifactError, UsageError
from wherry.manifest import MANIFEST, Manifest
from wherry.store.objects import Objects
from wherry.store.settings import open_objects

MODEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
MANIFEST_LIMIT = 1 << 20
RECORD_LIMIT = 1 << 12
SIGNATURES = "signatures"
SIGNATURE_LIMIT = 1 << 20

_SIGNATURE_KEY = re.compile(r"([a-z][a-z0-9-]{0,39})\.([0-9]{8})\.([0-9a-f]{64})\.dsse\.json")
_RECORD_KEY = re.compile(r"models/([a-z][a-z0-9-]{0,39})/versions/([0-9]{8})\.json")


class ModelVersion(msgspec.Struct, frozen=True, order=True):
    """The `version`-th published artifact of a model."""

    model: str
    version: int
    digest: str
    published_at: datetime


class ModelStore:
    """See the module docstring. `url` is only for messages."""

    def __init__(self, objects: Objects, url: str) -> None:
        self._objects = objects
        self.url = url

    @classmethod
    def open(cls, url: str, environment: Mapping[str, str] = os.environ) -> Self:
        """Open `s3://bucket[/prefix]`, a directory (made if need be) or a new `memory://`."""
        return cls(open_objects(url, environment), url)

    def publish(self, artifact: Artifact, *, now: datetime) -> ModelVersion:
        """Store the artifact and give it the next number; one published before keeps its own."""
        artifact = Artifact.verified(artifact.digest, artifact.files)
        _check_model(artifact.manifest.model)
        if not artifact.is_complete:
            raise IntegrityError(artifact.digest, "some of its files are missing, so it is no use")
        if (size := len(artifact.files[MANIFEST])) > MANIFEST_LIMIT:
            raise IntegrityError(MANIFEST, f"it is {size} bytes, and {MANIFEST_LIMIT} are the most")
        for name in sorted(artifact.files, key=lambda name: name == MANIFEST):
            self._write_once(_file_key(artifact.digest, name), artifact.files[name])
        return self._number(artifact, now.astimezone(UTC))

    def load(
        self,
        digest: str,
        names: Collection[str] | Callable[[Manifest], Collection[str]] | None = None,
    ) -> Artifact:
        """Fetch the manifest and the named files (all, if None), each checked as it comes."""
        data = self._objects.read(_file_key(digest, MANIFEST), MANIFEST_LIMIT)
        if data is None:
            raise MissingArtifactError(
                self.url,
                f"no artifact {digest}",
                "Publish it to this store, or name the store that has it.",
            )
        manifest = verified_manifest(digest, data)
        files = {MANIFEST: data}
        wanted = names(manifest) if callable(names) else names
        for name in manifest.files if wanted is None else wanted:
            if name not in manifest.files:
                raise MissingArtifactError(f"{self.url}, {digest}", f"it holds no file {name!r}")
            files[name] = self._read_listed(digest, name, manifest.files[name].bytes)
            check_file(manifest, name, files[name])
        return Artifact(digest, manifest, files)

    def versions(self, model: str) -> list[ModelVersion]:
        """Every version of the model, the first one first; empty if it has none."""
        from concurrent.futures import ThreadPoolExecutor

        _check_model(model)
        # By number up to the highest, not as listed: a directory that changes while it is being
        # listed may show number 5 and not yet number 4.
        numbers = range(1, max(self._numbers(f"models/{model}/versions"), default=0) + 1)
        with ThreadPoolExecutor(max_workers=8) as pool:
            found = list(pool.map(lambda number: self._version(model, number), numbers))
        return [version for version in found if version is not None]

    def models(self) -> list[str]:
        """The names of the models that have a version."""
        keys = map(_RECORD_KEY.fullmatch, self._objects.keys("models"))
        return sorted({key[1] for key in keys if key})

    def signature(self, model: str, version: int, digest: str, key: str) -> bytes | None:
        """What the key with the id `key` signed of this version; None if nothing is stored."""
        return self._objects.read(_signature_key(model, version, digest, key), SIGNATURE_LIMIT)

    def keep_signature(self, version: ModelVersion, key: str, data: bytes) -> bool:
        """Store it once, of a version that has its record; False if there is one by that key."""
        where = _signature_key(version.model, version.version, version.digest, key)
        return self._objects.create(where, data)

    def signed_by(self, version: ModelVersion) -> list[str]:
        """The ids of the keys that a signature of this version is stored of; none is checked."""
        folder = _file_key(version.digest, SIGNATURES)
        names = (key.removeprefix(f"{folder}/") for key in self._objects.keys(folder))
        found = [told for told in map(_SIGNATURE_KEY.fullmatch, names) if told]
        wanted = (version.model, f"{version.version:08}")
        return sorted(told[3] for told in found if (told[1], told[2]) == wanted)

    def _number(self, artifact: Artifact, now: datetime) -> ModelVersion:
        model, digest = artifact.manifest.model, artifact.digest
        while True:
            known = self.versions(model)
            for version in known:
                if version.digest == digest:
                    return version
            wanted = ModelVersion(model, known[-1].version + 1 if known else 1, digest, now)
            if self._objects.create(_record_key(model, wanted.version), _to_bytes(wanted)):
                return wanted  # else another publisher was quicker: look again

    def _numbers(self, prefix: str) -> list[int]:
        keys = map(_RECORD_KEY.fullmatch, self._objects.keys(prefix))
        return [int(key[2]) for key in keys if key]

    def _version(self, model: str, number: int) -> ModelVersion | None:
        key = _record_key(model, number)
        data = self._objects.read(key, RECORD_LIMIT)
        return None if data is None else _from_bytes(f"{self.url}: {key}", model, number, data)

    def _write_once(self, key: str, data: bytes) -> None:
        if self._objects.create(key, data):
            return
        if self._objects.read(key, len(data)) != data:
            raise IntegrityError(
                f"{self.url}: {key}",
                "other bytes are stored under this name",
                "Somebody altered the store: restore this file, or delete it and publish again.",
            )

    def _read_listed(self, digest: str, name: str, size: int) -> bytes:
        key = _file_key(digest, name)
        data = self._objects.read(key, size)
        if data is None:
            raise MissingArtifactError(
                f"{self.url}: {key}", "the manifest lists it, and it is gone", "Publish again."
            )
        return data


def _check_model(name: str) -> None:
    if not MODEL_NAME.fullmatch(name):
        raise UsageError(
            repr(name), "no name for a model", "Use a letter, then up to 39 of a-z, 0-9 and '-'."
        )


def _file_key(digest: str, name: str) -> str:
    if not DIGEST.fullmatch(digest):
        raise UsageError(repr(digest), "no digest; one is sha256: and 64 hexadecimal digits")
    return f"artifacts/{digest.replace(':', '/')}/{name}"


def _record_key(model: str, number: int) -> str:
    return f"models/{model}/versions/{number:08}.json"


def _signature_key(model: str, version: int, digest: str, key: str) -> str:
    """Below the artifact, where the function may read; the key's id is known from the key."""
    _check_model(model)
    return f"{_file_key(digest, SIGNATURES)}/{model}.{version:08}.{key}.dsse.json"


def _to_bytes(version: ModelVersion) -> bytes:
    told = {
        "model": version.model,
        "version": version.version,
        "digest": version.digest,
        "published_at": version.published_at.isoformat(),
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _from_bytes(where: str, model: str, number: int, data: bytes) -> ModelVersion:
    try:
        told = orjson.loads(data)
        version = ModelVersion(
            **{**told, "published_at": datetime.fromisoformat(told["published_at"])}
        )
        sound = version.published_at.tzinfo and DIGEST.fullmatch(version.digest)
    except (ValueError, TypeError, KeyError) as error:
        raise IntegrityError(where, "no version record", "Restore it from a copy.") from error
    if not sound or (version.model, version.version) != (model, number):
        raise IntegrityError(where, "the record is not of this version", "Restore it from a copy.")
    return version
