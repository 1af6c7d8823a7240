"""From train.py to a published version with the real libraries, and every way to be refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from models.preparation.build import ARTIFACT, ESTIMATOR, HELD_OUT, PREPARED, TRAINED
from models.preparation.preparing import prepare, prepared
from models.preparation.training import train
from tests.support.models import CONFIG, GOLDEN, ROOT, TRAIN, a_model
from tests.support.stores import NOW, altered
from wherry.errors import ConfigurationError, RefusedError, UsageError
from wherry.store import ModelStore

FILES = {
    "model.onnx", "manifest.json", "golden.json", "parity.json", "parity.html", "bom.json",
    "CARD.md",
}  # fmt: skip


def test_a_regression_is_prepared_with_its_own_metrics_and_output(tmp_path: Path) -> None:
    script = TRAIN.replace("Classifier", "Regressor").replace(
        'np.where(X.sum(axis=1) > 10, "yes", "no")', "X.sum(axis=1)"
    )
    golden = GOLDEN.replace('{"label": ["no", "yes"]}', '{"prediction": [[2.0], [18.0]]}')
    golden = golden.replace('"name"', '"tolerance": 3, "name"')
    config = CONFIG.replace("classification", "regression")
    folder = a_model(tmp_path, {"train.py": script, "golden.json": golden, "model.toml": config})

    train(folder, tmp_path / "build")
    manifest = prepare(folder, tmp_path / "build").manifest

    assert set(manifest.metrics) == {"mean_absolute_error", "r2"}
    assert [(each.name, each.shape) for each in manifest.outputs] == [("prediction", (-1, 1))]
    assert manifest.labels == ()


class Apples:
    """A small model, trained; each test spoils one thing."""

    def __init__(self, root: Path) -> None:
        self.folder, self.build = a_model(root / "models"), root / "build"
        train(self.folder, self.build)

    def prepare(self) -> str:
        return prepare(self.folder, self.build).digest


@pytest.fixture
def apples(tmp_path: Path) -> Apples:
    return Apples(tmp_path)


def test_training_and_preparing_again_give_the_same_digest(apples: Apples) -> None:
    first = apples.prepare()

    train(apples.folder, apples.build)

    assert apples.prepare() == first


def test_another_estimator_gives_another_version(apples: Apples) -> None:
    store = ModelStore.open("memory://")
    apples.prepare()
    store.publish(prepared(apples.folder, apples.build), now=NOW)

    train(apples.folder, apples.build, {"depth": "2"})
    apples.prepare()

    assert store.publish(prepared(apples.folder, apples.build), now=NOW).version == 2


def test_nothing_of_this_machine_or_of_the_time_is_in_the_artifact(apples: Apples) -> None:
    artifact = prepare(apples.folder, apples.build)

    everything = b"\n".join(artifact.files.values())

    assert str(ROOT).encode() not in everything
    assert str(apples.build).encode() not in everything
    assert not re.search(rb"20\d\d-\d\d-\d\d", everything)


def test_preparing_before_training_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has not been trained\. Run `wherry train apples`"):
        prepare(a_model(tmp_path), tmp_path / "build")


def test_publishing_before_preparing_is_told(apples: Apples) -> None:
    with pytest.raises(UsageError, match=r"nothing is prepared\. Run `wherry prepare apples`"):
        prepared(apples.folder, apples.build)


def test_publishing_after_training_again_is_told(apples: Apples) -> None:
    apples.prepare()
    train(apples.folder, apples.build)

    with pytest.raises(UsageError, match="Run `wherry prepare apples`"):
        prepared(apples.folder, apples.build)


@pytest.mark.parametrize("name", [ESTIMATOR, HELD_OUT])
def test_what_was_altered_after_training_is_never_read(apples: Apples, name: str) -> None:
    path = apples.build / name
    path.write_bytes(altered(path.read_bytes()))

    with pytest.raises(
        UsageError, match=rf"{name}: it was altered after training\. Run `wherry tr"
    ):
        apples.prepare()


@pytest.mark.parametrize("name", [ESTIMATOR, HELD_OUT, TRAINED])
def test_what_is_gone_after_training_is_told(apples: Apples, name: str) -> None:
    (apples.build / name).unlink()

    with pytest.raises(UsageError, match="Run `wherry train apples`"):
        apples.prepare()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_prepared_file_that_was_altered_is_never_published(apples: Apples, name: str) -> None:
    apples.prepare()
    path = apples.build / ARTIFACT / name
    path.write_bytes(altered(path.read_bytes()))

    with pytest.raises(UsageError, match=r"altered after it was prepared\. Run `wherry prepare"):
        prepared(apples.folder, apples.build)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("golden.json", GOLDEN.replace("far", "very far")),
        ("CARD.md", "# other"),
        ("model.toml", CONFIG.replace("4.5", "4.6")),
        ("model.toml", CONFIG.replace("classification", "regression")),
        ("model.toml", CONFIG + "[prepare]\ntolerance = 1e-9\n"),
    ],
)
def test_a_folder_that_was_changed_after_preparing_must_be_prepared_again(
    apples: Apples, name: str, text: str
) -> None:
    apples.prepare()
    (apples.folder / name).write_text(text)

    with pytest.raises(UsageError, match=rf"{name}: it was changed after the model was prepared"):
        prepared(apples.folder, apples.build)


def test_a_model_that_fails_a_golden_example_is_not_prepared(apples: Apples) -> None:
    (apples.folder / "golden.json").write_text(GOLDEN.replace('["no", "yes"]', '["yes", "yes"]'))

    with pytest.raises(RefusedError, match=r"example 'far apart': label is \['no', 'yes'\], where"):
        apples.prepare()
    assert not (apples.build / PREPARED).exists()


def test_a_golden_example_of_another_shape_is_told_as_such(apples: Apples) -> None:
    """And not as a model that is worse than it should be."""
    (apples.folder / "golden.json").write_text(GOLDEN.replace('["no", "yes"]', '["no"]'))

    with pytest.raises(ConfigurationError, match=r"of shape \[2\]; \['no'\] is of \[1\]"):
        apples.prepare()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[1, 1]", "[1, 1, 1]", "far apart.*Correct the example"),
        ('"features"', '"pixels"', "far apart.*pixels.*Correct the example"),
        ('"label"', '"labels"', "far apart.*labels.*Correct the example"),
    ],
)
def test_a_golden_example_of_another_model_is_told(
    apples: Apples, old: str, new: str, told: str
) -> None:
    (apples.folder / "golden.json").write_text(GOLDEN.replace(old, new))

    with pytest.raises((ConfigurationError, RefusedError), match=told):
        apples.prepare()


def test_a_model_without_a_card_is_told(apples: Apples) -> None:
    (apples.folder / "CARD.md").unlink()

    with pytest.raises(ConfigurationError, match="Say what the model is for"):
        apples.prepare()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("X_held_out=X[150:]", "X_held_out=X[150:, :1]", "X_train has 2 and X_held_out 1"),
        ("X_held_out=X[150:]", "X_held_out=X[:0]", r"X_held_out is float64 \[0, 2\]"),
        ("X_train=X[:150]", "X_train=y[:150]", "X_train is <U3"),
        ("(200, 2)", "(200, 3)", "2 columns are described, X_train has 3"),
    ],
)
def test_rows_that_do_not_fit_are_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder = a_model(tmp_path, {"train.py": TRAIN.replace(old, new)})

    with pytest.raises(ConfigurationError, match=told):
        train(folder, tmp_path / "build")
    assert not (tmp_path / "build" / TRAINED).exists()


@pytest.mark.parametrize(
    ("estimator", "told"),
    [
        (
            "sklearn.ensemble.VotingClassifier([('tree', DecisionTreeClassifier())])",
            "VotingClassifier gives no number for each label. Choose a classifier that has",
        ),
        (
            "make_pipeline(FunctionTransformer(inspect.unwrap), RidgeClassifier())",
            "it holds inspect.unwrap, which is not read back safely yet",
        ),
    ],
)
def test_an_estimator_that_cannot_be_served_yet_is_told(
    tmp_path: Path, estimator: str, told: str
) -> None:
    fitted = f"{estimator}.fit(X, y), #"
    imports = (
        "import inspect, sklearn.ensemble\nfrom sklearn.linear_model import RidgeClassifier\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
    )
    script = imports + TRAIN.replace("DecisionTreeClassifier(max", fitted)
    folder = a_model(tmp_path, {"train.py": script})

    with pytest.raises(ConfigurationError, match=told):
        train(folder, tmp_path / "build")
    assert not (tmp_path / "build" / TRAINED).exists()


def test_the_kept_files_hold_no_pickle(apples: Apples) -> None:
    with np.load(apples.build / HELD_OUT, allow_pickle=False) as kept:
        assert kept["X"].shape == (50, 2)
        assert kept["y"].dtype.kind == "U"
    assert not list(apples.build.glob("*.pkl"))
    assert json.loads((apples.build / TRAINED).read_bytes())["rows_held_out"] == 50
