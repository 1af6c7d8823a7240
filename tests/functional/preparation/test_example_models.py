"""The models that come with Wherry, and the one that `wherry new` writes, really work."""

from pathlib import Path

import pytest
import sklearn.datasets

from models.preparation.config import read_config
from models.preparation.new import new_model
from models.preparation.preparing import prepare, prepared
from models.preparation.training import train
from tests.support.models import ROOT
from tests.support.stores import NOW
from wherry.release import Release
from wherry.service import Service
from wherry.store import ModelStore

FILES = {
    "model.onnx", "manifest.json", "golden.json", "parity.json", "parity.html", "bom.json",
    "CARD.md",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "label"),
    [
        ("iris", {"estimator": "random_forest"}, "versicolor"),
        ("iris-linear", {}, "versicolor"),
        ("iris", {"estimator": "logistic_regression"}, "versicolor"),
    ],
)
def test_the_models_that_come_with_wherry_are_prepared_published_and_served(
    tmp_path: Path, name: str, options: dict[str, str], label: object
) -> None:
    folder, store = ROOT / "models" / name, ModelStore.open("memory://")

    record = train(folder, tmp_path, options)
    artifact = prepare(folder, tmp_path)
    version = store.publish(prepared(folder, tmp_path), now=NOW)

    assert store.load(version.digest) == artifact
    assert set(artifact.files) == FILES
    assert artifact.manifest.metrics == record.metrics
    assert artifact.manifest.parity.label_agreement == 1
    example = [[feature.example or 0.0 for feature in artifact.manifest.features]]
    service = Service(artifact, Release(name, 1, "local", version.digest))
    assert service.predict({"features": example})["label"].tolist() == [label]
    assert f"{record.metrics['accuracy']:.4f}" in (folder / "CARD.md").read_text()


def test_the_ranges_in_its_model_toml_are_those_of_the_data() -> None:
    rows = sklearn.datasets.load_iris().data

    features = read_config(ROOT / "models" / "iris").features

    ranges = [(feature.minimum, feature.maximum) for feature in features]
    assert ranges == list(zip(rows.min(axis=0), rows.max(axis=0), strict=True))


def test_a_new_model_runs_as_it_is_written(tmp_path: Path) -> None:
    new_model(tmp_path, "my-model")

    train(tmp_path / "my-model", tmp_path / "build")

    assert set(prepare(tmp_path / "my-model", tmp_path / "build").files) == FILES
