"""A file of an estimator, opened in a child: facts, bytes and answers are those of this process."""

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from models.preparation.sources.environments import python_of
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.options import Options
from models.preparation.sources.remote import RemoteSource, opened_file
from tests.support.rows import wrong_rows
from wherry.errors import ConfigurationError, ToolError, UnsafeError

FLOWERS = load_iris(return_X_y=True)
ROWS = FLOWERS[0].astype(np.float32)


def _forest() -> Any:
    labels = np.array(["setosa", "versicolor", "virginica"])[FLOWERS[1]]
    return RandomForestClassifier(5, random_state=0).fit(FLOWERS[0], labels)


def _written(folder: Path, name: str, value: Any) -> Path:
    file = folder / name
    match file.suffix:
        case ".joblib":
            joblib.dump(value, file, compress=3)
        case ".skops":
            skops.io.dump(value, file)
        case _:
            file.write_bytes(pickle.dumps(value))
    return file


@pytest.mark.parametrize("name", ["m.joblib", "m.skops", "m.pkl"])
def test_a_child_says_converts_and_answers_the_same(tmp_path: Path, name: str) -> None:
    """Bit for bit; of some rows, and of none."""
    here = EstimatorSource(_forest())
    with opened_file(_written(tmp_path, name, _forest())) as source:
        assert source.facts == here.facts
        assert source.convert() == here.convert()
        assert wrong_rows(source, {"features": ROWS}) == 0
        assert wrong_rows(source, {"features": ROWS[:0]}) == 0
        told = source.answer({"features": ROWS})

    assert told["label"].tolist() == here.answer({"features": ROWS})["label"].tolist()


def test_a_file_of_another_scikit_learn_is_told_of(tmp_path: Path) -> None:
    """As a note: it is opened, and the answers are compared anyway."""
    file = _written(tmp_path, "m.pkl", _forest())
    now = __import__("sklearn").__version__.encode()
    file.write_bytes(file.read_bytes().replace(now, b"1.0.0"[: len(now)].ljust(len(now), b"0")))

    with opened_file(file) as source:
        (note,) = source.facts.notes

    assert "saved by scikit-learn 1.0.0" in note


class _Mark:
    """A pickle that would write a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return (Path.touch, (self.file,))


def test_a_pickle_that_names_more_than_a_model_needs_is_not_loaded(tmp_path: Path) -> None:
    """Neither here nor in the child."""
    mark = tmp_path / "mark"
    file = _written(tmp_path, "m.pkl", _Mark(mark))

    with pytest.raises(UnsafeError, match=r"pathlib"), opened_file(file):
        pass
    assert not mark.exists()


def test_what_is_no_estimator_is_refused(tmp_path: Path) -> None:
    """By what it is, and by the name of the file that was given."""
    file = _written(tmp_path, "m.pkl", {"model": [1, 2]})

    with pytest.raises(ConfigurationError, match=r"type dict, and no estimator"), opened_file(file):
        pass


def test_a_task_that_the_file_contradicts_is_refused(tmp_path: Path) -> None:
    """With the task that it is."""
    file = _written(tmp_path, "m.joblib", _forest())

    with (
        pytest.raises(ConfigurationError, match=r"classification"),
        opened_file(file, options=Options(task="regression")),
    ):
        pass


def test_labels_that_the_file_contradicts_are_refused(tmp_path: Path) -> None:
    """It learnt from labels, so it knows them."""
    file = _written(tmp_path, "m.joblib", _forest())

    with (
        pytest.raises(ConfigurationError, match=r"labels.*setosa"),
        opened_file(file, options=Options(labels=("a", "b", "c"))),
    ):
        pass


def test_an_environment_that_is_missing_is_told_with_what_to_run(tmp_path: Path) -> None:
    """Before anything is opened."""
    with pytest.raises(ToolError, match="make source-xgboost"):
        python_of("xgboost", tools=tmp_path)


def test_a_skops_file_with_a_stranger_in_it_is_refused(tmp_path: Path) -> None:
    """Its schema is judged as a pickle is."""
    file = _written(tmp_path, "m.skops", _forest())
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members["schema.json"])
    schema["__module__"], schema["__class__"] = "os", "system"
    members["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)

    with pytest.raises(UnsafeError, match=r"os"), opened_file(file):
        pass


class _Says:
    """A child that was taken over: it says what it likes."""

    def __init__(self, folder: Path, told: dict[str, Any]) -> None:
        self.folder, self.told = folder, told

    def ask(self, verb: str, **told: Any) -> dict[str, Any]:
        del verb, told
        return self.told


@pytest.mark.parametrize(
    "told", [{}, {"names": 7}, {"names": [1]}, {"names": ["\ud800"]}, {"names": None}]
)
def test_what_a_child_says_of_its_answer_is_judged(told: dict[str, Any], tmp_path: Path) -> None:
    """Another kind, or text that nobody could write down, is no answer and no traceback."""
    child: Any = _Says(tmp_path, told)
    facts = EstimatorSource(_forest()).facts

    with pytest.raises(UnsafeError, match="is no answer"):
        RemoteSource(child, facts).answer({"features": ROWS})
