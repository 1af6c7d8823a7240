"""What tests of the model store need: artifacts, intruders, publishers that are killed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from wherry.artifact import Artifact
from wherry.manifest import GOLDEN, MODEL, Manifest, Parity, TensorSpec
from wherry.store import ModelStore
from wherry.store.objects import Objects

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
    """Storage whose user is killed at its `at`-th write: just before it, or just after it."""

    objects: Objects
    at: int
    after: bool
    writes: int = 0

    def read(self, key: str, limit: int) -> bytes | None:
        return self.objects.read(key, limit)

    def keys(self, prefix: str) -> Iterable[str]:
        return self.objects.keys(prefix)

    def create(self, key: str, data: bytes) -> bool:
        self.writes += 1
        if self.writes == self.at and not self.after:
            raise Stopped
        created = self.objects.create(key, data)
        if self.writes == self.at:
            raise Stopped
        return created


@dataclass(frozen=True)
class Shared:
    """A store that other processes can open."""

    url: str
    environment: dict[str, str]

    def publish(self, marker: str) -> int:
        """Publish from nothing, as another process would; the version number."""
        store = ModelStore.open(self.url, self.environment)
        return store.publish(an_artifact(marker=marker), now=NOW).version
