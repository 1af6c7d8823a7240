"""`wherry optimize`: by the command itself, from what was prepared to what is published."""

import json
from pathlib import Path

import pytest

from models.preparation.build import build_folder
from tests.support.models import CONFIG, GOLDEN, a_model
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
    assert "no operator that int8" in told.out
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


def test_what_is_not_prepared_is_not_optimised(project: Project, tmp_path: Path) -> None:
    """The order is told."""
    del tmp_path
    files = {
        "model.toml": CONFIG.replace("apples", "pears"),
        "golden.json": GOLDEN,
        "train.py": FOREST,
        "CARD.md": "# pears",
    }
    folder = project.root / "models" / "pears"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    told = project.run("optimize", "pears", *QUICK)

    assert told.code == 2
    assert "wherry prepare pears" in told.err
