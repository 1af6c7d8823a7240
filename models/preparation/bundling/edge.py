"""
The edge bundle: a model and a runner for any machine with Python. No AWS, no network, no Wherry.

The runner is runner.py beside this file, with the digest of this very artifact put in. The same
artifact makes the same files, but for `model.ort`: ONNX Runtime writes that format in an order that
differs each time, so it is compared by what it answers, and pinned by a file of its own.
"""

import json
import shlex
from hashlib import sha256
from pathlib import Path
from string import Template

from models.preparation.bundling.bundle import CARRIED, Bundle, check_can_be_bundled
from models.preparation.bundling.examples import example_feeds, example_row
from models.preparation.bundling.ort_format import to_ort, why_not
from models.preparation.bundling.requirements import requirements
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError
from wherry.manifest import MANIFEST, MODEL

ORT_MODEL = "model.ort"

_HERE = Path(__file__).parent
_NO_PIN = 'MANIFEST_SHA256 = ""\n'


def edge_bundle(artifact: Artifact, lock: Path) -> Bundle:
    """
    The bundle of a complete artifact; `lock` is this project's requirements/runtime.txt.

    UsageError for a model that the runner cannot run.
    """
    check_can_be_bundled(artifact)
    files = {name: data for name, data in artifact.files.items() if name in CARRIED}
    ort, fault = _in_ort_format(artifact)
    told = f"left out, for {fault}" if fault else f"it answers, to the byte, as {MODEL}"
    if not fault:
        files |= {ORT_MODEL: ort, f"{ORT_MODEL}.sha256": f"{_sha256(ort)}  {ORT_MODEL}\n".encode()}
    files |= {
        "README.md": _readme(artifact, told),
        "requirements.txt": requirements(lock),
        "run.py": runner(files[MANIFEST]),
    }
    return Bundle(artifact.manifest.model, artifact.digest, files, (f"{ORT_MODEL}: {told}",))


def runner(manifest: bytes) -> bytes:
    """The runner that takes this manifest and no other."""
    source = (_HERE / "runner.py").read_text(encoding="utf-8")
    if source.count(_NO_PIN) != 1:
        raise ConfigurationError("runner.py", "it has no place for a digest", "Restore it.")
    return source.replace(_NO_PIN, f'MANIFEST_SHA256 = "{_sha256(manifest)}"\n').encode()


def _in_ort_format(artifact: Artifact) -> tuple[bytes, str]:
    """The model in ORT format, and why it is not to be used; empty if it is."""
    optimized, model = artifact.manifest.optimized, artifact.files[MODEL]
    try:
        ort = to_ort(model, optimized=optimized)
        return ort, why_not(model, ort, example_feeds(artifact), optimized=optimized)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no base of their own
        return b"", f"ONNX Runtime cannot make it ({type(error).__name__})"


def _readme(artifact: Artifact, note: str) -> bytes:
    template = Template((_HERE / "files" / "edge" / "README.md").read_text(encoding="utf-8"))
    row = example_row(artifact)
    return template.substitute(
        model=artifact.manifest.model,
        digest=artifact.digest,
        row=shlex.quote(json.dumps([row], ensure_ascii=False)),
        python_row=repr(row),
        note=note,
    ).encode()


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()
