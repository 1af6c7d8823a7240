"""A train.py that needs a framework runs where that is, and what it kept is prepared here."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.preparation.build import NETWORK, TRAINED
from models.preparation.preparing import prepare
from models.preparation.training import TrainingRecord, train
from tests.support.models import CONFIG, TRAIN, a_model
from tests.support.sources import needs_source
from wherry.errors import ConfigurationError, ToolError
from wherry.release import Release
from wherry.service import Service

BOOSTED = TRAIN.replace(
    "DecisionTreeClassifier(max_depth=depth, random_state=0)",
    "LGBMClassifier(n_estimators=depth, verbose=-1)",
).replace("from sklearn.tree import DecisionTreeClassifier", "from lightgbm import LGBMClassifier")
TORCH = """
import numpy as np
import torch
from torch import nn

from models.preparation import Trained


def train(*, seed: int = 0) -> Trained:
    torch.manual_seed(seed)
    X = np.random.default_rng(seed).uniform(0, 10, (200, 2)).astype(np.float32)
    y = np.where(X.sum(axis=1) > 10, "yes", "no")
    rows, truth = torch.from_numpy(X), torch.from_numpy((y == "yes").astype(np.int64))
    net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(rows[:150]), truth[:150]).backward()
        optimizer.step()
    return Trained(
        estimator=nn.Sequential(net, nn.Softmax(dim=1)).eval(),
        X_train=X[:150], y_train=y[:150], X_held_out=X[150:], y_held_out=y[150:],
    )
"""
LABELS = CONFIG + '\n[source]\nenvironment = "torch"\nlabels = ["no", "yes"]\n'


def test_a_model_of_lightgbm_is_trained_there_and_prepared_here(tmp_path: Path) -> None:
    needs_source("lightgbm")
    folder, build = a_model(tmp_path, {"train.py": BOOSTED}), tmp_path / "build"

    record = train(folder, build, {"depth": 20}, "lightgbm")
    manifest = prepare(folder, build).manifest

    assert record.environment == "lightgbm"
    assert record == TrainingRecord.model_validate_json((build / TRAINED).read_bytes())
    assert manifest.estimator == "LGBMClassifier"
    assert "lightgbm" in manifest.libraries
    assert manifest.parity.family == "trees"
    assert manifest.parity.label_agreement == 1


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of PyTorch, trained and prepared: the folder above `models` and `build`."""
    needs_source("torch")
    root = tmp_path_factory.mktemp("network")
    folder = a_model(root / "models", {"train.py": TORCH, "model.toml": LABELS})
    train(folder, root / "build")
    prepare(folder, root / "build")
    return root


def test_a_module_of_pytorch_is_kept_as_a_program_and_never_as_a_pickle(network: Path) -> None:
    record = json.loads((network / "build" / TRAINED).read_text())

    assert NETWORK in record["files"]
    assert record["metrics"]["accuracy"] > 0.9


def test_a_module_of_pytorch_answers_labels_and_probabilities(network: Path) -> None:
    artifact = prepare(network / "models" / "apples", network / "build")
    service = Service(artifact, Release("apples", 1, "test", artifact.digest))

    told = service.predict({"features": [[1.0, 1.0], [9.0, 9.0]]})

    assert told["label"].tolist() == ["no", "yes"]
    assert np.allclose(told["probabilities"].sum(axis=1), 1)
    assert artifact.manifest.parity.family == "network"
    assert "Dropout" not in str(artifact.files["model.onnx"])


def test_what_goes_wrong_there_is_told_with_the_line_of_the_script(tmp_path: Path) -> None:
    needs_source("lightgbm")
    script = BOOSTED.replace("verbose=-1", "verbose=-1, n_jobs='many'")
    folder = a_model(tmp_path, {"train.py": script})

    with pytest.raises(ConfigurationError, match=r"train\.py:\d+: TypeError"):
        train(folder, tmp_path / "build", {}, "lightgbm")


def test_an_environment_that_is_missing_is_told_with_the_command_that_makes_it(
    tmp_path: Path,
) -> None:
    from models.preparation.sources.environments import python_of

    with pytest.raises(ToolError, match=r"is not installed\. Run `make source-catboost`"):
        python_of("catboost", tmp_path)
