"""`wherry bundle` finds the published version, writes its bundle once, and says what it is."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.services import NOW
from wherry.artifact import Artifact
from wherry.store import ModelStore
from wherry_control.locks import lock_path
from wherry_control.publishing import publish
from wherry_control.signing.keys import make_key, read_key
from wherry_control.signing.signer import sign

Prepared = Callable[[str], Artifact]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, prepared_model: Prepared) -> Project:
    """Two versions of iris in its store; the second one, with another card, is locked."""
    project = Project.copy(tmp_path_factory.mktemp("project"))
    iris = prepared_model("iris")
    files = {name: iris.files[name] for name in iris.manifest.files} | {"CARD.md": b"# Other"}
    store = ModelStore.open(str(project.root / ".wherry/store"))
    for artifact in (iris, Artifact.seal(iris.manifest, files)):
        publish(store, artifact, lock_path(project.root, "iris", None), now=NOW)
    return project


def test_the_locked_version_is_bundled_and_answers(project: Project, tmp_path: Path) -> None:
    told = project.wherry("bundle", "iris", "--edge", "--to", str(tmp_path / "edge"))

    assert (told["model"], told["version"], told["written"]) == ("iris", 2, True)
    assert {file["path"]: file["bytes"] for file in told["files"]} == {
        file.name: file.stat().st_size for file in (tmp_path / "edge").iterdir()
    }
    run = [sys.executable, "-I", "run.py", "--check"]
    subprocess.run(run, cwd=tmp_path / "edge", check=True, capture_output=True)
    assert (tmp_path / "edge/CARD.md").read_text() == "# Other"


def test_a_named_version_goes_into_a_folder_of_its_own(project: Project) -> None:
    told = project.wherry("bundle", "iris@1", "--edge")

    assert told["version"] == 1
    assert told["folder"] == str(project.root / ".wherry/bundles/iris-1-edge")
    assert Path(told["folder"], "run.py").exists()
    assert not (project.root / ".wherry/bundles/iris-2-edge").exists()


def test_a_web_bundle_is_tried_and_its_sizes_are_told(project: Project, tmp_path: Path) -> None:
    done = project.run("bundle", "iris", "--web", "--to", str(tmp_path / "web"))

    assert done.code == 0, done.err
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0].startswith("iris version 2 (sha256:")
    assert lines[1:3] == ["FILE SIZE", "ort/ort-wasm-simd-threaded.wasm 14.2 MB"]
    assert any("of them golden" in line for line in lines)
    assert lines[-1] == f"Next: see {tmp_path / 'web' / 'README.md'}"
    assert done.err == "Bundling iris …\n"


def test_a_signature_is_required_where_a_key_is_given(project: Project, tmp_path: Path) -> None:
    store = ModelStore.open(str(project.root / ".wherry/store"))
    _, public = make_key(tmp_path / "key.pem", {})
    [version, _] = store.versions("iris")
    words = (
        "bundle",
        "iris@1",
        "--edge",
        "--public-key",
        str(public),
        "--to",
        str(tmp_path / "to"),
    )

    before = project.run(*words)
    sign(store, store.load(version.digest), version, read_key(tmp_path / "key.pem", {}))
    after = project.run(*words)

    assert (before.code, after.code) == (1, 0), after.err
    assert "it has no signature by a pinned key" in before.err


def test_a_dry_run_tells_all_and_writes_nothing(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "edge"

    told = project.wherry("bundle", "iris", "--edge", "--to", str(folder), "--dry-run")

    assert not told["written"]
    assert "run.py" in [file["path"] for file in told["files"]]
    assert not folder.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["iris"], "--edge or --web is wanted"),
        (["iris", "--edge", "--web"], "--edge or --web is wanted"),
        (["iris@9", "--edge"], "it holds no version 9 of iris"),
        (["iris@", "--edge"], "no name of a model version"),
        (["irises", "--edge"], "Did you mean iris?"),
        (["digits", "--edge"], "Run `wherry publish digits`"),
        (["iris", "--web", "--to", "models"], "it is there already"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(
    project: Project, words: list[str], told: str
) -> None:
    done = project.run("bundle", *words)

    assert done.code in (1, 2), done.err
    assert told in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
