"""A model that somebody pickled is served, and its author writes no Python for it."""

import pickle
import subprocess
from pathlib import Path

import httpx
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

from tests.support.project import Project, served

NAMES = ["alcohol", "malic_acid", "ash", "alcalinity_of_ash"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout, with a pickled forest and a CSV of rows beside it."""
    project = Project.copy(tmp_path_factory.mktemp("pickled") / "checkout")
    data = load_wine(as_frame=True)
    rows, grower = data.data[NAMES], data.target
    forest = RandomForestClassifier(20, random_state=0).fit(rows, grower)
    (project.root / "wine.pkl").write_bytes(pickle.dumps(forest))
    rows.assign(grower=grower).to_csv(project.root / "rows.csv", index=False)
    return project


def test_a_pickle_is_served_without_writing_python(project: Project) -> None:
    project.wherry("new", "wine", "--from", "wine.pkl", "--rows", "rows.csv", "--target", "grower")
    done = project.wherry("prepare", "wine", "--publish")
    assert done["published"]["version"] == 1
    wine = pd.DataFrame([[13.2, 1.8, 2.1, 11.2]], columns=NAMES)

    with served(project, "wine") as url:
        told = httpx.post(f"{url}/predict/wine", json=wine.to_dict("records"))

    forest = pickle.loads((project.root / "wine.pkl").read_bytes())  # noqa: S301 - made above
    wanted = forest.predict_proba(wine)[0]
    found = told.raise_for_status().json()["predictions"][0]["probabilities"]
    assert [found[str(each)] for each in forest.classes_] == pytest.approx(wanted, abs=1e-5)


def test_what_is_known_of_the_file_is_in_its_manifest(project: Project) -> None:
    told = project.wherry("prepare", "wine")["manifest"]

    assert told["source"]["kind"] == "sklearn"
    assert told["source"]["file"] == "wine.pkl"
    assert told["training_data_sha256"] is None
    assert told["metrics"]["accuracy"] > 0.95
    assert [each["name"] for each in told["features"]] == NAMES
    assert set(told["baselines"]["inputs"]) == set(NAMES)


def test_a_pickle_that_would_run_code_is_refused_by_name_and_runs_nothing(
    project: Project, tmp_path: Path
) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return subprocess.getoutput, (f"touch {tmp_path / 'marker'}",)

    (project.root / "hostile.pkl").write_bytes(pickle.dumps(Hostile()))

    done = project.run("new", "hostile", "--from", "hostile.pkl")

    assert done.code == 3
    assert "subprocess.getoutput" in done.err
    assert not (tmp_path / "marker").exists()
    assert not (project.root / "models" / "hostile").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rows", "rows.csv"], "this option is for --from FILE"),
        (["--from", "wine.pkl", "--target", "grower"], "it is a column of --rows FILE"),
        (["--from", "wine.pkl", "--input", "image:FLOAT"], "'image:FLOAT' is no tensor"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(
    project: Project, words: list[str], told: str
) -> None:
    done = project.run("new", "other", *words)

    assert (done.code, told in done.err) == (2, True), done.err


def test_a_dry_run_writes_nothing(project: Project) -> None:
    told = project.wherry("new", "dry", "--from", "wine.pkl", "--dry-run")

    assert "models/dry/wine.pkl" in told["files"]
    assert not (project.root / "models" / "dry").exists()
