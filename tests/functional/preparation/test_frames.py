"""Rows with columns of text: data frames, from train.py to the answer."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.preparation.kept import read_kept
from models.preparation.preparing import prepare
from models.preparation.training import train
from tests.support.models import ROOT, a_model
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError
from wherry.limits import Limits
from wherry.plain.predictor import PlainPredictor
from wherry.release import Release
from wherry.service import Service

CHURN = ROOT / "models" / "churn"
ROW = {
    "tenure_months": 1, "monthly_charge": 95, "support_calls": 5, "data_gb": 4,
    "contract": "monthly", "payment": "mailed cheque", "region": "west",
}  # fmt: skip
FRAMES = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from models.preparation import Trained


def train() -> Trained:
    apples = np.random.default_rng(0).uniform(0, 10, (200, 2))
    X = pd.DataFrame(apples, columns=["weight", "colour"])
    y = np.where(X.sum(axis=1) > 10, "yes", "no")
    return Trained(
        estimator=LogisticRegression().fit(X[:150], y[:150]),
        X_train=X[:150], y_train=y[:150], X_held_out=X[150:], y_held_out=y[150:],
    )
"""


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Artifact, Path]:
    build = tmp_path_factory.mktemp("churn")
    train(CHURN, build, {"customers": 1200})
    return prepare(CHURN, build), build


def _ask(artifact: Artifact, row: dict[str, object]) -> dict[str, object]:
    service = Service(artifact, Release("churn", 1, "test", artifact.digest), limits=Limits())
    body = PlainPredictor(service).answer(json.dumps([row]).encode()).body
    return dict(json.loads(body)["predictions"][0])


def test_each_column_is_an_input_that_a_plain_row_names(churn: tuple[Artifact, Path]) -> None:
    artifact, _ = churn

    assert [each.datatype for each in artifact.manifest.inputs] == ["FP32"] * 4 + ["BYTES"] * 3
    assert _ask(artifact, ROW)["label"] == "leaves"


def test_a_gap_in_a_number_or_a_word_is_answered(churn: tuple[Artifact, Path]) -> None:
    artifact, _ = churn

    told = _ask(artifact, ROW | {"data_gb": None, "payment": "", "region": "nowhere"})

    assert told["label"] == "leaves"


def test_rows_are_kept_without_a_pickle(churn: tuple[Artifact, Path]) -> None:
    _, build = churn

    kept = read_kept(build / "learnt.npz")

    assert len(kept) == 900
    assert set(kept.feeds("")) == set(ROW)
    assert kept.feeds("")["payment"].dtype.kind == "U"


def test_training_again_gives_the_same_digest_of_the_data(churn: tuple[Artifact, Path]) -> None:
    artifact, build = churn

    record = train(CHURN, build, {"customers": 1200})

    assert record.training_data_sha256 == artifact.manifest.training_data_sha256


def test_a_frame_of_numbers_is_one_table(tmp_path: Path) -> None:
    folder = a_model(tmp_path, {"train.py": FRAMES})

    train(folder, tmp_path / "build")
    manifest = prepare(folder, tmp_path / "build").manifest

    assert [(each.name, each.shape) for each in manifest.inputs] == [("features", (-1, 2))]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("X_held_out=X[150:]", "X_held_out=X[150:].to_numpy()", "Give both as data frames"),
        ("y_held_out=y[150:]", "y_held_out=y[:3]", "X_held_out has 50 rows, y_held_out is"),
    ],
)
def test_frames_that_do_not_fit_are_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder = a_model(tmp_path, {"train.py": FRAMES.replace(old, new)})

    with pytest.raises(ConfigurationError, match=told):
        train(folder, tmp_path / "build")


def test_steps_before_a_frame_are_refused(tmp_path: Path) -> None:
    config = '[model]\nname = "apples"\ntask = "classification"\n'
    steps = config + '[[pipeline.pre]]\nkind = "scale"\nmultiply = 2\n'
    folder = a_model(tmp_path, {"train.py": FRAMES, "model.toml": steps})

    with pytest.raises(ConfigurationError, match="steps take one table of numbers"):
        train(folder, tmp_path / "build")


def test_a_feature_that_is_no_column_is_told(tmp_path: Path, churn: tuple[Artifact, Path]) -> None:
    folder = tmp_path / "churn"
    folder.mkdir()
    for file in CHURN.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    told = (CHURN / "model.toml").read_text().replace('name = "region"', 'name = "planet"')
    (folder / "model.toml").write_text(told)

    with pytest.raises(ConfigurationError, match="'planet' is described, and the model takes"):
        prepare(folder, churn[1])


def test_a_gap_is_kept_as_a_gap() -> None:
    """Of text a gap is the empty text, of numbers it is NaN."""
    import pandas as pd

    from models.preparation.kept import columns_of

    frame = pd.DataFrame({"n": [1.0, None], "t": ["a", None], "i": [1, 2]})

    told = columns_of(frame)

    assert np.isnan(told["n"][1, 0])
    assert told["t"].tolist() == [["a"], [""]]
    assert told["i"].dtype.kind == "i"
