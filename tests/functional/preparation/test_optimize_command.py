"""`wherry optimize`: by the command itself, from what was prepared to what is published."""

import json
import shutil
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from models.preparation.build import build_folder
from tests.support.models import CONFIG, a_model
from tests.support.project import Project
from wherry.manifest import Manifest

FOREST = """
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from models.preparation import Trained


def train() -> Trained:
    X = np.random.default_rng(0).uniform(0, 10, (400, 2)).astype(np.float32)
    y = np.where(X.sum(axis=1) > 10, "yes", "no")
    return Trained(
        estimator=RandomForestClassifier(60, random_state=0).fit(X[:250], y[:250]),
        X_train=X[:250], y_train=y[:250], X_held_out=X[250:], y_held_out=y[250:],
    )
"""
QUICK = ("--seconds", "2")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A forest that is trained and prepared."""
    project = Project.copy(tmp_path_factory.mktemp("optimise") / "checkout")
    a_model(project.root / "models", {"train.py": FOREST})
    project.wherry("train", "apples")
    project.wherry("prepare", "apples")
    return project


def manifest(project: Project) -> Manifest:
    folder = build_folder(project.root, "apples") / "artifact"
    return Manifest.from_bytes((folder / "manifest.json").read_bytes())


def test_nothing_is_sealed_by_a_dry_run_and_the_report_is_there(project: Project) -> None:
    """It measures and tells."""
    before = manifest(project)
    told = project.wherry("optimize", "apples", "--dry-run", *QUICK)
    build = build_folder(project.root, "apples")

    assert manifest(project) == before
    assert json.loads((build / "optimization.json").read_bytes()) == told
    assert b"apples: what makes it faster or smaller" in (build / "optimization.html").read_bytes()
    names = [each["candidate"]["name"] for each in told["judged"]]
    assert names[0] == "fp32"
    assert {"half_of_trees", "static_int8", "refit_small", "student_of_model"} <= set(names)
    assert all(each["reason"] for each in told["judged"])


def test_the_best_is_sealed_and_can_be_published(project: Project) -> None:
    """Its name is in the manifest, and the golden examples passed."""
    told = project.wherry("optimize", "apples", "--candidates", "quarter_of_trees", *QUICK)
    sealed = manifest(project)

    assert told["chosen"] == sealed.variant == "quarter_of_trees"
    assert project.wherry("publish", "apples")["version"] == 1


def test_people_see_one_table_in_80_columns(project: Project) -> None:
    """Every candidate is in it or below it, with its reason."""
    told = project.run("optimize", "apples", "--dry-run", *QUICK)

    assert told.code == 0
    lines = told.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("CANDIDATE") for line in lines) == 1
    for name in ("half_of_trees", "refit_coarse", "student_of_labels"):
        assert sum(line.startswith(f"{name} ") for line in lines) == 1
        assert sum(name in line for line in lines) >= 2
    assert "no operator that int8 helps" in " ".join(told.out.split())
    assert "student_of_model (1" in told.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--candidates", "static_int9"), "there is no 'static_int9'"),
        (("--prefer", "beauty"), "beauty"),
    ],
)
def test_a_wrong_word_is_refused_with_what_is_right(
    project: Project, words: tuple[str, str], what: str
) -> None:
    """Exit code 2."""
    told = project.run("optimize", "apples", *words)

    assert told.code == 2
    assert what in told.err


def test_what_is_not_prepared_is_not_optimised(project: Project) -> None:
    """The order is told."""
    folder = project.root / "models" / "plums"
    shutil.copytree(project.root / "models" / "apples", folder)
    (folder / "model.toml").write_text(CONFIG.replace("apples", "plums"))
    told = project.run("optimize", "plums", *QUICK)

    assert told.code == 2
    assert "wherry prepare plums" in told.err


def test_a_model_that_came_as_a_file_has_its_forest_cut(project: Project, tmp_path: Path) -> None:
    """No row was learnt here, so nothing is learnt again; it stays prepared after a dry run."""
    rows = np.random.default_rng(0).uniform(0, 10, (300, 2)).astype(np.float32)
    truth = np.where(rows.sum(axis=1) > 10, 1, 0)
    forest = RandomForestClassifier(60, random_state=0).fit(rows[:200], truth[:200])
    joblib.dump(forest, tmp_path / "pears.joblib")
    lines = [f"{one},{other},{right}" for (one, other), right in zip(rows, truth, strict=True)]
    (tmp_path / "rows.csv").write_text("\n".join(["one,other,large", *lines[200:]]) + "\n")
    new = ("--from", str(tmp_path / "pears.joblib"), "--rows", str(tmp_path / "rows.csv"))
    project.wherry("new", "pears", *new, "--target", "large")
    project.wherry("prepare", "pears")

    told = project.wherry("optimize", "pears", "--dry-run", *QUICK)
    reasons = {each["candidate"]["name"]: each["reason"] for each in told["judged"]}
    assert reasons["retrained"] == "there are no learnt rows to retrain with"
    assert told["chosen"] in {"half_of_trees", "quarter_of_trees"}
    assert project.wherry("optimize", "pears", *QUICK)["rows"] == 100
    assert project.wherry("publish", "pears")["version"] == 1


def test_what_was_measured_is_what_use_builds_again(project: Project) -> None:
    """CI prepares without timing, and gets the same digest."""
    config = project.root / "models" / "apples" / "model.toml"
    project.wherry("optimize", "apples", "--candidates", "quarter_of_trees", *QUICK)
    sealed = (build_folder(project.root, "apples") / "prepared.json").read_text()
    before = config.read_text()
    try:
        config.write_text(before + '\n[optimize]\nuse = "quarter_of_trees"\n')
        told = project.wherry("prepare", "apples")
    finally:
        config.write_text(before)

    assert told["digest"] == json.loads(sealed)["digest"]
