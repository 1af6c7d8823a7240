"""The commands that look at a store, sign, verify and fetch: as they are typed."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.onnx_models import scaled
from tests.support.project import ROOT, Project
from tests.support.stores import NOW, altered
from wherry.artifact import Artifact
from wherry.manifest import GOLDEN, MODEL
from wherry.store import ModelStore
from wherry_control.signing import open_signer, sign

TOOLS = ROOT / ".wherry" / "tools"
WIDTH = 80
CARD = b"# tiny\n\n**What it does.** Adds four numbers, and says so at some length.\n"


def a_model(factor: float) -> Artifact:
    """Adds four numbers, times a factor; with a card and an example."""
    plain = scaled(factor)
    inputs = {"features": [[1.0, 2.0, 3.0, 4.0]]}
    example = {"name": "ten", "inputs": inputs, "expect": {"prediction": [[10.0 * factor]]}}
    golden = json.dumps({"examples": [example]}).encode()
    return Artifact.seal(
        plain.manifest, {MODEL: plain.files[MODEL], GOLDEN: golden, "CARD.md": CARD}
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two versions of tiny in the store; the first is signed by keys/wherry.pem."""
    (tmp_path / "models").mkdir()
    (tmp_path / "cdk.json").touch()
    project = Project(tmp_path, {"COLUMNS": str(WIDTH)})
    project.wherry("keys", "make", "keys/wherry.pem")
    store = ModelStore.open(str(tmp_path / ".wherry" / "store"))
    versions = [store.publish(a_model(factor), now=NOW) for factor in (2.0, 3.0)]
    signer = open_signer(str(tmp_path / "keys/wherry.pem"), {}, lambda _: None)
    sign(store, a_model(2.0), versions[0], signer)
    return project


def test_a_version_is_shown_in_eighty_columns(project: Project) -> None:
    """What it does, tensors, columns, parity, files; the highest one without a number."""
    first, last = project.run("show", "tiny@1"), project.run("show", "tiny")

    assert first.code == last.code == 0
    assert max(map(len, first.out.splitlines())) <= WIDTH
    assert "tiny version 1" in first.out
    assert "Adds four numbers" in first.out
    assert "prediction" in first.out
    assert "signed by" in first.out
    assert "tiny version 2" in last.out
    assert "not signed" in last.out


def test_what_is_shown_is_json_too(project: Project) -> None:
    """The whole manifest, and whose signatures are stored."""
    told = project.wherry("show", "tiny@1")

    assert told["manifest"]["model"] == "tiny"
    assert told["version"]["version"] == 1
    assert told["signed_by"] == [project.wherry("keys", "show", "keys/wherry.pem")["id"]]
    assert told["card"].startswith("What it does.")


def test_what_was_never_prepared_cannot_be_shown(project: Project) -> None:
    """With the command that prepares it."""
    done = project.run("show", "tiny", "--prepared")

    assert done.code == 2
    assert "Run `wherry prepare tiny`" in done.err


def test_two_versions_are_compared(project: Project) -> None:
    """With the time of a row on this machine; the same version differs in nothing."""
    told = project.wherry("diff", "tiny@1", "tiny")
    shown = project.run("diff", "tiny@1", "tiny", "--no-latency")
    same = project.run("diff", "tiny@2", "tiny")

    assert [each["name"] for each in told["differences"]] == [GOLDEN, MODEL]
    assert all(time > 0 for time in told["one_row_ms"])
    assert "latency" not in shown.out
    assert max(map(len, shown.out.splitlines())) <= WIDTH
    assert "are the same artifact" in same.out


def test_a_sound_version_is_verified_and_an_unsigned_one_is_not(project: Project) -> None:
    """Exit code 3 says that something is wrong, and the table says what."""
    sound = project.run("verify", "tiny@1", "--public-key", "keys/wherry.pub")
    unsigned = project.run("verify", "tiny@2", "--public-key", "keys/wherry.pub")
    unasked = project.run("verify", "tiny@2")

    assert (sound.code, unsigned.code, unasked.code) == (0, 3, 0)
    assert "tiny version 1" in sound.out
    assert "is sound" in sound.out
    assert "must not be served" in unsigned.out
    assert "no signature by a pinned key" in unsigned.out
    assert all(len(line) <= WIDTH for line in (sound.out + unsigned.out).splitlines())


def test_an_spoiltfile_is_found(project: Project) -> None:
    """One bit of the model, in the store."""
    digest = project.wherry("show", "tiny@1")["digest"].removeprefix("sha256:")
    file = project.root / ".wherry/store/artifacts/sha256" / digest / MODEL
    file.write_bytes(altered(file.read_bytes()))

    done = project.run("verify", "tiny@1", "--json")

    assert done.code == 3
    assert [each["what"] for each in done.json["checks"] if each["state"] == "wrong"] == [MODEL]


def test_files_are_fetched_once(project: Project) -> None:
    """A dry run writes nothing, and nothing is overwritten."""
    shown = project.wherry("fetch", "tiny@1", "--to", "out", "--dry-run")
    assert not (project.root / "out").exists()

    told = project.wherry("fetch", "tiny@1", "--to", "out")
    again = project.run("fetch", "tiny@1", "--to", "out")

    assert (shown["fetched"], told["fetched"]) == (False, True)
    assert sorted(path.name for path in (project.root / "out").iterdir()) == told["files"]
    assert again.code == 2
    assert "is there already" in again.err


def test_serve_refuses_what_the_key_did_not_sign(project: Project) -> None:
    """Before it answers anything."""
    store = project.root / ".wherry" / "store"
    (project.root / "models" / "tiny").mkdir()
    (project.root / "models" / "tiny" / "model.toml").touch()
    [_, second] = ModelStore.open(str(store)).versions("tiny")
    lock = project.root / ".wherry/locks/store/tiny.lock.json"
    lock.parent.mkdir(parents=True)
    told = {"schema_version": 1, "model": "tiny", "version": 2, "digest": second.digest}
    lock.write_text(json.dumps(told))

    done = project.run("serve", "tiny", "--port", "0", "--public-key", "keys/wherry.pub")

    assert done.code == 1
    assert "tiny version 2: it has no signature by a pinned key" in done.err


def test_the_export_is_verified_by_openssf_model_signing(project: Project) -> None:
    """By that library's own command; one altered file, and it refuses."""
    tool = TOOLS / "source-model-signing" / "bin" / "model_signing"
    if not tool.exists():
        pytest.skip("model-signing is not installed: run `make source-model-signing`")
    (project.root / ".wherry" / "tools").symlink_to(TOOLS)
    project.wherry("fetch", "tiny@1", "--to", "out", "--openssf", "keys/wherry.pem")
    command = [
        str(tool), "verify", "key", "out", "--signature", "out/model.sig",
        "--public_key", "keys/wherry.pub",
    ]  # fmt: skip

    sound = subprocess.run(command, cwd=project.root, capture_output=True, check=False)
    (project.root / "out" / MODEL).write_bytes(b"altered")
    spoilt = subprocess.run(command, cwd=project.root, capture_output=True, check=False)

    assert sound.returncode == 0
    assert spoilt.returncode != 0
