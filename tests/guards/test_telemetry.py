"""
ONNX Runtime reports nothing: no file, no thread, by the one door through which Wherry imports it.

The last claim shows that the guard can fail: without the switch, this ONNX Runtime does write.
"""

import ast
import json
from pathlib import Path

import pytest

from tests.support.lambda_process import python
from tests.support.onnx_models import scaled
from wherry.manifest import MODEL

_LOOK = """
import json, pathlib
status = pathlib.Path("/proc/self/status").read_text()
threads = next(line.split()[1] for line in status.splitlines() if line.startswith("Threads"))
files = [str(path) for path in pathlib.Path.home().rglob("*") if path.is_file()]
print(json.dumps({"threads": int(threads), "files": files}))
"""
_NUMPY = "import numpy\n"
_OURS = """
import numpy, pathlib, sys
from wherry.session import Session
session = Session(pathlib.Path(sys.argv[1]).read_bytes(), threads=1)
session.run(["prediction"], {"features": numpy.ones((1, 4), "f")})
"""
_BARE = """
import numpy, onnxruntime, sys
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
session.run(None, {"features": numpy.ones((1, 4), "f")})
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / MODEL
    file.write_bytes(scaled().files[MODEL])
    return file


def seen_after(code: str, model: Path, **environment: str) -> dict[str, object]:
    """The threads that run, and the files under HOME, once `code` has run."""
    home = model.parent / "home"
    home.mkdir()
    nowhere = "http://127.0.0.1:9"  # should it call home from here, it gets no further
    told = {"HOME": str(home), "https_proxy": nowhere, "HTTPS_PROXY": nowhere, **environment}
    done = python(code + _LOOK, str(model), environment=told)
    assert done.returncode == 0, done.stderr
    seen: dict[str, object] = json.loads(done.stdout)
    return seen


def test_through_our_door_no_file_appears(model: Path) -> None:
    assert seen_after(_OURS, model)["files"] == []


def test_not_even_when_the_environment_asks_for_it(model: Path) -> None:
    assert seen_after(_OURS, model, ORT_DISABLE_TELEMETRY="0")["files"] == []


def test_a_session_of_one_thread_starts_none(model: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()

    assert seen_after(_OURS, model)["threads"] == seen_after(_NUMPY, alone / "unused")["threads"]


def test_without_the_switch_it_writes(model: Path) -> None:
    files = seen_after(_BARE, model)["files"]

    assert any("onnxruntime" in str(file) for file in files)  # type: ignore[attr-defined] # a list of paths


def test_nothing_imports_onnxruntime_past_the_door(root: Path) -> None:
    doors = {
        root / "layers/runtime/python/wherry/ort.py",
        root / "models/preparation/bundling/runner.py",  # sets the switch itself
    }
    sources = [
        file
        for folder in ("cli", "functions", "infra", "layers", "models")
        for file in (root / folder).rglob("*.py")
        if file not in doors
    ]

    assert [str(file) for file in sources if "onnxruntime" in _imported(file)] == []


def _imported(file: Path) -> set[str]:
    """The top-level names of all that a file imports, at any depth of its code."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
