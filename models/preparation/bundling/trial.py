"""
A web bundle is tried before it is handed over: its own files, by Node.js, on its golden examples.

So an operator or a datatype that ONNX Runtime Web lacks is found here, and not by who opens the
page. Where there is no Node.js, the bundle is made untried, and says so.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from models.preparation.bundling.examples import example_feeds, golden_inputs
from wherry.artifact import Artifact
from wherry.errors import ToolError, UsageError
from wherry.golden import TOLERANCE, alike
from wherry.manifest import GOLDEN
from wherry.release import Release
from wherry.service import Service

SECONDS = 120
_SCRIPT = Path(__file__).parent / "files" / "check.mjs"

Outputs = Mapping[str, Mapping[str, Any]]


def find_node() -> str | None:
    """The Node.js beside this Python, or the one on the PATH."""
    beside = Path(sys.executable).with_name("node")
    return str(beside) if beside.exists() else shutil.which("node")


def tried(artifact: Artifact, files: Mapping[str, bytes], node: str | None, version: str) -> str:
    """
    What came of it, in a sentence; UsageError if the model does not load or fails an example.

    `version` is ONNX Runtime Web's.
    """
    name = f"ONNX Runtime Web {version}"
    if node is None:
        return f"not tried: there is no Node.js to run {name}; `make setup` brings one"
    feeds = example_feeds(artifact)
    answers = _asked(artifact, files, node, [_nested(each) for each in feeds])
    _check_golden(artifact, answers[1:], name)
    service = Service(artifact, Release(artifact.manifest.model, 0, "bundled", artifact.digest))
    most = max(
        _distance(service.predict(each), told) for each, told in zip(feeds, answers, strict=True)
    )
    golden = len(golden_inputs(artifact))
    return f"{name} answers {len(feeds)} requests, {golden} of them golden, at most {most:.1g} off"


def _asked(
    artifact: Artifact, files: Mapping[str, bytes], node: str, inputs: Sequence[Any]
) -> list[Outputs]:
    with TemporaryDirectory() as folder:
        for path, data in {**files, "package.json": b'{"type": "module"}'}.items():
            file = Path(folder, path)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
        try:
            done = subprocess.run(
                [node, str(_SCRIPT), folder],
                input=json.dumps(inputs).encode(),
                capture_output=True,
                check=False,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolError(
                node, f"it cannot try the page ({error})", "Run `make setup`."
            ) from error
    if done.returncode:
        raise _refused(artifact, done.stderr.decode(errors="replace").strip())
    told: list[Outputs] = json.loads(done.stdout)
    return told


def _check_golden(artifact: Artifact, answers: Sequence[Outputs], name: str) -> None:
    examples = json.loads(artifact.files[GOLDEN])["examples"] if GOLDEN in artifact.files else []
    for example, told in zip(examples, answers, strict=False):
        for output, wanted in example["expect"].items():
            flat = np.asarray(wanted, object).ravel().tolist()
            if not alike(told[output]["data"], flat, example.get("tolerance", TOLERANCE)):
                raise _refused(
                    artifact, f"{name} answers {told[output]['data']} to {example['name']!r}"
                )


def _refused(artifact: Artifact, why: str) -> UsageError:
    model = artifact.manifest.model
    return UsageError(
        f"model {model}", f"a browser cannot run it: {why}", f"Try `wherry bundle {model} --edge`."
    )


def _distance(wanted: Mapping[str, Any], told: Outputs) -> float:
    """Of the fractions; texts and whole numbers are a matter of the golden examples."""
    pairs = [
        (array, np.array(told[name]["data"], float).reshape(array.shape))
        for name, array in wanted.items()
        if array.dtype.kind == "f" and array.size
    ]
    return max((float(np.nanmax(np.abs(one - other))) for one, other in pairs), default=0.0)


def _nested(feeds: Mapping[str, Any]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in feeds.items()}
