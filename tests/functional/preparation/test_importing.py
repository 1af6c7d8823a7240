"""A folder made of a trained model's file: what it says, and every way to be refused."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from models.preparation.build import HELD_OUT
from models.preparation.config import read_config
from models.preparation.importing import Found, new_from
from models.preparation.kept import read_kept
from models.preparation.preparing import prepare, prepared
from models.preparation.sources.options import Options
from wherry.errors import ConfigurationError, UsageError, WherryError

FRAME = pd.DataFrame(
    {
        "size": [1.0, 2.0, 8.0, 9.0, 1.5, 8.5],
        "colour": ["red", "green", "red", "blue", "green", "blue"],
        "kind": ["small", "small", "large", "large", "small", "large"],
    }
)
ROWS = FRAME.drop(columns="kind")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pickled pipeline of words and numbers."""
    words = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]), remainder="passthrough"
    )
    pipeline = make_pipeline(words, LogisticRegression()).fit(ROWS, FRAME["kind"])
    return _pickled(tmp_path_factory.mktemp("mixed") / "mixed.pkl", pipeline)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pickled regression of two columns without names."""
    rows = np.arange(8.0).reshape(4, 2)
    line = LinearRegression().fit(rows, rows.sum(axis=1))
    return _pickled(tmp_path_factory.mktemp("line") / "line.pkl", line)


def _pickled(path: Path, estimator: object) -> Path:
    path.write_bytes(pickle.dumps(estimator))
    return path


def test_a_column_is_an_input_by_itself_where_some_are_words(
    models: Path, mixed: Path, tmp_path: Path
) -> None:
    FRAME.to_csv(tmp_path / "rows.csv", index=False)
    found = Found(file=mixed, held_out=tmp_path / "rows.csv", target="kind")

    new_from(models, "mixed", found)
    manifest = prepare(models / "mixed", tmp_path / "build").manifest

    assert [(each.name, each.datatype) for each in manifest.inputs] == [
        ("size", "FP32"), ("colour", "BYTES"),
    ]  # fmt: skip
    size, colour = manifest.features
    assert (size.minimum, size.maximum) == (1, 9)
    assert set(colour.categories) == {"red", "green", "blue"}
    assert manifest.metrics == {"accuracy": 1}


def test_without_rows_it_is_proven_by_made_up_ones_and_says_so(
    models: Path, line: Path, tmp_path: Path
) -> None:
    new_from(models, "line", Found(file=line))

    artifact = prepare(models / "line", tmp_path / "build")

    assert artifact.manifest.parity.rows == 0
    assert artifact.manifest.parity.adversarial_rows > 0
    assert artifact.manifest.metrics == {}
    golden = json.loads((models / "line" / "golden.json").read_text())
    assert golden["examples"][0]["inputs"] == {"features": [[0.0, 0.0]]}


def test_columns_without_names_are_called_as_the_rows_call_them(
    models: Path, line: Path, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text("width,height,area\n1,2,3\n4,5,9\n")

    new_from(models, "line", Found(file=line, held_out=tmp_path / "rows.csv", target="area"))

    names = [each.name for each in read_config(models / "line").features]
    assert names == ["width", "height"]


def test_its_rows_are_kept_as_training_would_keep_them(
    models: Path, line: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "rows.npz", features=np.ones((3, 2)), y=np.full(3, 2.0))
    new_from(models, "line", Found(file=line, held_out=tmp_path / "rows.npz", target="y"))

    prepare(models / "line", tmp_path / "build")

    kept = read_kept(tmp_path / "build" / HELD_OUT)
    assert np.asarray(kept.X).tolist() == [[1, 1]] * 3
    assert kept.y is not None
    assert kept.y.tolist() == [2, 2, 2]


def test_a_file_that_was_changed_must_be_prepared_again(
    models: Path, line: Path, tmp_path: Path
) -> None:
    new_from(models, "line", Found(file=line))
    artifact = prepare(models / "line", tmp_path / "build")
    assert prepared(models / "line", tmp_path / "build") == artifact
    other = LinearRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])

    _pickled(models / "line" / "line.pkl", other)

    with pytest.raises(UsageError, match="changed after the model was prepared"):
        prepared(models / "line", tmp_path / "build")


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"target": "taste"}, "it has no column 'taste'. It has: size, kind"),
        ({}, "it has no 'colour'. It has: size, kind"),
        ({"options": Options(task="regression")}, "classif"),
    ],
)
def test_what_does_not_go_together_is_told_and_leaves_no_folder(
    models: Path, mixed: Path, tmp_path: Path, told: dict[str, Any], match: str
) -> None:
    (tmp_path / "rows.csv").write_text("size,kind\n1,small\n")

    with pytest.raises(WherryError, match=match):
        new_from(models, "other", Found(file=mixed, held_out=tmp_path / "rows.csv", **told))

    assert not (models / "other").exists()


@pytest.mark.parametrize("name", ["rows.npz", "rows.csv"])
def test_rows_that_cannot_be_read_are_told(
    models: Path, line: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 no zip\xff")

    with pytest.raises(ConfigurationError, match=r"it cannot be read: .*Give a CSV with a header"):
        new_from(models, "line", Found(file=line, held_out=tmp_path / name))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("size,colour,kind\n", "it has no rows"),
        (
            "size,colour,kind\n1,red,small\nbig,red,small\n",
            "column 'size' holds text, such as 'big'",
        ),
        ("size,colour,kind\n1,red,0\n8,blue,1\n", "its target is 0, 1, and the model knows large"),
    ],
)
def test_rows_that_judge_nothing_are_told(
    models: Path, mixed: Path, tmp_path: Path, rows: str, told: str
) -> None:
    (tmp_path / "rows.csv").write_text(rows)

    with pytest.raises(ConfigurationError, match=told) as refused:
        new_from(models, "other", Found(file=mixed, held_out=tmp_path / "rows.csv", target="kind"))

    assert refused.value.where == f"--rows {tmp_path / 'rows.csv'}"


def test_of_many_columns_the_one_that_is_missing_is_named(models: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("width,area\n1,2\n")
    frame = pd.DataFrame({"width": [1.0, 2], "height": [1.0, 3]})
    file = _pickled(tmp_path / "line.pkl", LinearRegression().fit(frame, [1.0, 6]))

    with pytest.raises(ConfigurationError, match="it has no 'height'"):
        new_from(models, "line", Found(file=file, held_out=tmp_path / "rows.csv", target="area"))


def test_a_name_that_is_taken_or_is_none_is_refused_before_the_file_is_opened(
    models: Path, tmp_path: Path
) -> None:
    (models / "taken").mkdir(parents=True)

    for name in ("taken", "ci", "No"):
        with pytest.raises(UsageError):
            new_from(models, name, Found(file=tmp_path / "gone.pkl"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('file = "line.pkl"', 'file = "../line.pkl"', "outside of the folder"),
        ('file = "line.pkl"', 'file = "gone.pkl"', "there is no 'gone.pkl' in the folder"),
        ('file = "line.pkl"', "", r"kind: it is about a file, and no file is named"),
        ('"sklearn"', '"pickle"', "'pickle' is not allowed"),
        ('kind = "sklearn"', 'held_out = "line.pkl"', "neither .csv nor .npz"),
        ('"regression"', '"classification"', "Write task = "),
    ],
)
def test_a_wrong_source_is_told_of_model_toml(
    models: Path, line: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    new_from(models, "line", Found(file=line))
    file = models / "line" / "model.toml"
    file.write_text(file.read_text().replace(old, new))

    with pytest.raises(ConfigurationError, match=told):
        prepare(models / "line", tmp_path / "build")
