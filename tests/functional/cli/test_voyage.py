"""From training to an answer over HTTP, by the command alone, in a checkout of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.project import WHERRY, Project, served
from tests.support.timing import best_ratio, command, lowest

HELP_OVER_IMPORT = 2
FIRST_ANSWER_OVER_IMPORTS = 3.5
IMPORTS = "import numpy, obstore, onnxruntime, typer, uvicorn"
BODY = {
    "inputs": [
        {"name": "features", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}
    ]
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout in which iris was trained, prepared and published."""
    project = Project.copy(tmp_path_factory.mktemp("voyage") / "checkout")
    for verb in ("train", "prepare", "publish"):
        project.wherry(verb, "iris")
    return project


@contextmanager
def answering(project: Project) -> Iterator[str]:
    """The address of `wherry serve iris`, after its first answer."""
    with served(project, "iris") as url:
        httpx.post(f"{url}/v2/models/iris/infer", json=BODY).raise_for_status()
        yield url


@pytest.fixture(name="served")
def iris(project: Project) -> Iterator[str]:
    with answering(project) as url:
        yield url


def test_each_step_needs_the_one_before(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "checkout")

    told = [project.run(verb, "iris") for verb in ("prepare", "publish", "serve")]

    assert [item.code for item in told] == [2, 2, 1]
    assert "Run `wherry train iris`" in told[0].err
    assert "Run `wherry prepare iris`" in told[1].err
    assert "Run `wherry publish iris`" in told[2].err
    assert not any("Traceback" in item.err for item in told)


def test_publishing_again_keeps_the_number_and_a_dry_run_changes_nothing(project: Project) -> None:
    shown = project.wherry("publish", "iris", "--dry-run")
    again = project.wherry("publish", "iris")

    assert (shown["version"], shown["published"]) == (1, False)
    assert (again["version"], again["published"]) == (1, True)
    assert again["digest"] == shown["digest"]
    assert [item["version"] for item in project.wherry("models")["iris"]] == [1]


def test_a_served_model_answers_over_http_with_the_digest_that_was_published(
    project: Project, served: str
) -> None:
    told = project.wherry("predict", "iris", "--url", served, "--data", "[[5.1, 3.5, 1.4, 0.2]]")

    assert told["outputs"][0]["data"] == ["setosa"]
    assert told["model_version"] == "1"
    assert told["release"] == "local"
    assert told["digest"] == project.wherry("models")["iris"][0]["digest"]


def test_a_file_of_rows_is_answered_row_by_row(
    project: Project, served: str, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n")

    told = project.run("predict", "iris", "--url", served, "--file", str(rows))

    assert told.code == 0, told.err
    assert "setosa 1.000" in told.out
    assert "release local" in told.out


def test_rows_and_a_file_at_once_are_wrong_usage(project: Project, served: str) -> None:
    told = project.run("predict", "iris", "--url", served, "--data", "[]", "--file", "rows.csv")

    assert (told.code, "Send one of them" in told.err) == (2, True)


def test_a_request_that_the_model_cannot_answer_is_told_in_the_protocols_words(
    project: Project, served: str
) -> None:
    told = project.run("predict", "iris", "--url", served, "--data", "[[1, 2]]")

    assert told.code == 1
    assert "400" in told.err
    assert "features" in told.err


def test_a_port_that_is_taken_is_told_before_the_model_is_loaded(
    project: Project, served: str
) -> None:
    port = served.rpartition(":")[2]

    told = project.run("serve", "iris", "--port", port)

    assert told.code == 1
    assert "Choose another --port" in told.err


def test_env_is_all_that_the_bare_handler_needs(project: Project) -> None:
    script = (
        f'eval "$({WHERRY} env iris)" && python -c "from functions.inference.api import handler"'
    )

    done = subprocess.run(
        ["sh", "-c", script], cwd=project.root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_an_altered_artifact_is_not_served(tmp_path: Path, project: Project) -> None:
    store = tmp_path / "store"
    project.wherry("publish", "iris", "--store", str(store))
    model = next(store.glob("artifacts/sha256/*/model.onnx"))
    model.write_bytes(model.read_bytes()[:-1] + b"!")

    told = project.run("serve", "iris", "--store", str(store), "--port", "0")

    assert told.code == 1
    assert "SHA-256" in told.err
    assert "Traceback" not in told.err


def test_a_new_model_goes_the_whole_way_as_it_stands(project: Project) -> None:
    project.wherry("new", "wines")

    for verb in ("train", "prepare", "publish"):
        project.wherry(verb, "wines")

    assert [item["version"] for item in project.wherry("models")["wines"]] == [1]


def test_help_costs_little_more_than_the_import_of_its_parser() -> None:
    ratio = lowest(
        HELP_OVER_IMPORT,
        lambda: best_ratio(
            lambda: command([str(WHERRY), "--help"]),
            lambda: command([sys.executable, "-c", "import typer"]),
        ),
    )

    assert ratio <= HELP_OVER_IMPORT


def test_the_first_answer_costs_little_more_than_the_imports_it_needs(project: Project) -> None:
    ratio = lowest(
        FIRST_ANSWER_OVER_IMPORTS,
        lambda: best_ratio(
            lambda: _first_answer(project),
            lambda: command([sys.executable, "-c", IMPORTS]),
            tries=3,
        ),
    )

    assert ratio <= FIRST_ANSWER_OVER_IMPORTS


def _first_answer(project: Project) -> float:
    """Seconds from the command to its first answer."""
    began = time.perf_counter()
    with answering(project):
        return time.perf_counter() - began
