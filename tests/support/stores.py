"""What tests of the model store need: artifacts, intruders, publishers that are killed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from wherry.artifact import Artifact
from wherry.manifest import GOLDEN, MODEL, Manifest, Parity, TensorSpec
from wherry.store import ModelStore
from wherry.store.objects import Objects
from wherry_control.signing import sign

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def an_artifact(model: str = "iris", marker: str = "one") -> Artifact:
    """Artifacts with different markers differ in one byte of one file at least."""
    manifest = Manifest(
        model=model,
        task="classification",
        estimator="DecisionTreeClassifier",
        inputs=(TensorSpec(name="features", datatype="FP32", shape=(-1, 4)),),
        outputs=(TensorSpec(name="label", datatype="BYTES", shape=(-1,)),),
        ir_version=10,
        opsets={"": 18},
        libraries={"scikit-learn": "1.9.1"},
        training_data_sha256="0" * 64,
        metrics={"accuracy": 0.9},
        parity=Parity(rows=1, label_agreement=1, max_absolute_error=0, tolerance=1e-5),
        files={},
    )
    return Artifact.seal(manifest, {MODEL: marker.encode() * 100, GOLDEN: b'{"examples":[]}'})


def altered(data: bytes) -> bytes:
    """The same bytes with the lowest bit of the middle one flipped."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def plant(objects: Objects, digest: str, files: Mapping[str, bytes]) -> None:
    """Put files where the store keeps those of `digest`, as an intruder or a killed publisher."""
    for name, data in files.items():
        assert objects.create(f"artifacts/{digest.replace(':', '/')}/{name}", data)


class Stopped(BaseException):
    """The process is gone."""


@dataclass
class StoppingObjects:
    """Storage whose user is killed at its `at`-th call: just before it, or just after it."""

    objects: Objects
    at: int
    after: bool
    calls: int = 0

    def read(self, key: str, limit: int) -> bytes | None:
        with self._call():
            return self.objects.read(key, limit)

    def keys(self, prefix: str) -> Iterable[str]:
        with self._call():
            return self.objects.keys(prefix)

    def create(self, key: str, data: bytes) -> bool:
        with self._call():
            return self.objects.create(key, data)

    @contextmanager
    def _call(self) -> Iterator[None]:
        self.calls += 1
        mine = self.calls == self.at
        if mine and not self.after:
            raise Stopped
        yield
        if mine:
            raise Stopped


@dataclass
class RacedObjects:
    """Storage where `rival` is quicker, once, by the moment before a version's record is made."""

    objects: Objects
    rival: Callable[[], object] | None

    def read(self, key: str, limit: int) -> bytes | None:
        return self.objects.read(key, limit)

    def keys(self, prefix: str) -> Iterable[str]:
        return self.objects.keys(prefix)

    def create(self, key: str, data: bytes) -> bool:
        if key.startswith("models/") and self.rival is not None:
            rival, self.rival = self.rival, None
            rival()
        return self.objects.create(key, data)


@dataclass(frozen=True)
class Shared:
    """A store that other processes can open."""

    url: str
    environment: dict[str, str]

    def publish(self, marker: str) -> int:
        """Publish and sign from nothing, as another process would; the version number."""
        from tests.support.signing import a_key

        store, artifact = ModelStore.open(self.url, self.environment), an_artifact(marker=marker)
        version = store.publish(artifact, now=NOW)
        sign(store, artifact, version, a_key())
        return version.version
