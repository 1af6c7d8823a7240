"""A model of a real MLflow, of a server or of files, becomes a folder that is prepared as it is."""

import json
import os
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.functional.sources.networks.contract import HERE
from tests.support.project import Finished, Project
from tests.support.sources import needs_source

MODEL = "vineyard"
STARTED = "Application startup complete"


def environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": str(home), "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet",
    }  # fmt: skip


def server_python() -> Path:
    needs_source("mlflow")
    return needs_source("mlflow-server")  # type: ignore[arg-type] # no source, but its tests'


def logged(tracking: str, home: Path) -> list[str]:
    """The runs of what was logged."""
    done = subprocess.run(
        [str(server_python()), str(HERE / "mlflow_models.py"), tracking],
        env=environ(home), cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """A tracking server's address, and the runs that are logged there."""
    home = tmp_path_factory.mktemp("server")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [
        str(server_python().with_name("mlflow")), "server", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--backend-store-uri", f"sqlite:///{home}/store.db",
        "--artifacts-destination", str(home / "artifacts"),
    ]  # fmt: skip
    with subprocess.Popen(
        words, env=environ(home), cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = []
        try:
            for line in process.stdout:
                told.append(line)
                if STARTED in line:
                    break
            else:
                pytest.fail(f"the server did not start: {''.join(told)}")
            drain = Thread(target=process.stdout.read, daemon=True)
            drain.start()
            address = f"http://127.0.0.1:{port}"
            yield address, logged(address, home)
        finally:
            os.killpg(process.pid, 15)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.copy(tmp_path_factory.mktemp("project") / "checkout")


def imported(project: Project, uri: str, *more: str, name: str = MODEL) -> Finished:
    return project.run("import", "mlflow", uri, "--name", name, *more)


def test_an_alias_of_a_registry_becomes_a_folder_that_is_prepared_as_it_stands(
    project: Project, server: tuple[str, list[str]]
) -> None:
    address, runs = server

    done = imported(project, "models:/wine@champion", "--tracking-uri", address)

    assert done.code == 0, done.err
    folder = project.root / "models" / MODEL
    told = tomllib.loads((folder / "model.toml").read_text())
    assert told["source"]["file"] == "model.skops"
    assert [each["name"] for each in told["features"]] == [
        "alcohol", "flavanoids", "color_intensity",
    ]  # fmt: skip
    assert runs[1] in told["model"]["description"]
    assert "team cellar" in told["model"]["description"]
    (golden,) = json.loads((folder / "golden.json").read_text())["examples"]
    assert golden["inputs"]["features"][0] == [14.23, 3.06, 5.64]
    prepared = project.run("prepare", MODEL)
    assert prepared.code == 0, prepared.err


def test_a_version_and_a_run_are_found_too_and_a_pickle_of_theirs_is_opened(
    project: Project, server: tuple[str, list[str]]
) -> None:
    address, runs = server
    for uri in ("models:/wine/1", f"runs:/{runs[0]}/model"):
        done = imported(project, uri, "--tracking-uri", address, "--dry-run", name="pickled")

        assert done.code == 0, done.err
        assert "models/pickled/model.pkl" in done.out
        assert not (project.root / "models/pickled").exists()


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("models:/wine/9", "Model Version (name=wine, version=9) not found"),
        ("models:/nope/1", "Registered Model with name=nope not found"),
        ("models:/wine@nobody", "alias nobody not found"),
    ],
)
def test_what_a_registry_does_not_have_is_told_in_one_line(
    project: Project, server: tuple[str, list[str]], uri: str, told: str
) -> None:
    address, _ = server

    done = imported(project, uri, "--tracking-uri", address, "--json", name="absent")

    assert done.code == 2
    error = done.json["error"]
    assert told in error["what"]
    assert address in error["todo"]
    assert "\n" not in error["what"]


def test_a_server_that_is_not_there_is_told_in_one_line(project: Project) -> None:
    needs_source("mlflow")

    done = imported(
        project, "models:/wine/1", "--tracking-uri", "http://127.0.0.1:9", "--json", name="absent"
    )

    assert done.code == 2
    assert done.json["error"]["what"] == (
        "MLflow cannot fetch it: nobody answers at http://127.0.0.1:9"
    )


def test_a_file_store_and_a_folder_of_it_are_read_alike(project: Project, tmp_path: Path) -> None:
    store = f"file://{tmp_path}/store"
    logged(store, tmp_path)

    done = imported(project, "models:/wine/2", "--tracking-uri", store, "--dry-run", name="filed")
    assert done.code == 0, done.err
    folder = next((tmp_path / "store").rglob("model.skops")).parent
    done = imported(project, str(folder), "--dry-run", name="filed")
    assert done.code == 0, done.err
