"""
The web bundle: a static page that computes the model in the browser. No server behind it.

The page is files/web, with the digest of this very artifact put in, and ONNX Runtime Web as npm
installed it, from the lock: WASM alone. Nothing is fetched from elsewhere, when the bundle is made
or when the page is opened.
"""

import html
import json
from hashlib import sha256
from pathlib import Path
from string import Template

from models.preparation.bundling.bundle import CARRIED, Bundle, check_can_be_bundled
from models.preparation.bundling.trial import tried
from wherry.artifact import Artifact
from wherry.errors import ToolError
from wherry.manifest import MANIFEST
from wherry.ort import onnxruntime

PACKAGE = "onnxruntime-web"
WASM = "ort/ort-wasm-simd-threaded.wasm"
# Its name in the package, by its name here: some servers know no .mjs, and browsers then refuse it.
RUNTIME = {
    "ort/ort.wasm.min.js": "dist/ort.wasm.min.mjs",
    "ort/ort-wasm-simd-threaded.js": "dist/ort-wasm-simd-threaded.mjs",
    WASM: "dist/ort-wasm-simd-threaded.wasm",
}
LICENCES = ("LICENSE", "ThirdPartyNotices.txt")

_PAGE = Path(__file__).parent / "files" / "web"
_MEGABYTE = 1_000_000
_TASKS = {"classification": "Classification", "regression": "Regression"}


def web_bundle(artifact: Artifact, node_modules: Path, *, node: str | None) -> Bundle:
    """
    The bundle of a complete artifact, tried by the Node.js at `node`, if there is one.

    UsageError for a model that the page cannot run; ToolError if the runtime is not installed.
    """
    check_can_be_bundled(artifact)
    files = {name: data for name, data in artifact.files.items() if name in CARRIED}
    runtime, version = _runtime(node_modules)
    files |= runtime
    told = {
        "model": html.escape(artifact.manifest.model),
        "task": _TASKS.get(artifact.manifest.task, "A model"),
        "digest": artifact.digest,
        "manifest": _sha256(files[MANIFEST]),
        "runtime": _sha256(files[WASM]),
        "version": version,
        "size": f"{len(files[WASM]) / _MEGABYTE:.1f} MB",
    }
    for file in sorted(_PAGE.iterdir()):
        text = file.read_text(encoding="utf-8")
        is_told = file.name in ("index.html", "pins.js", "README.md")
        files[file.name] = (Template(text).substitute(told) if is_told else text).encode()
    note = tried(artifact, files, node, version)
    return Bundle(artifact.manifest.model, artifact.digest, files, (note,))


def _runtime(node_modules: Path) -> tuple[dict[str, bytes], str]:
    """The files of ONNX Runtime Web, with its licences, and its version: the one of the lock."""
    package = node_modules / PACKAGE
    try:
        version = json.loads((package / "package.json").read_bytes())["version"]
        files = {name: (package / file).read_bytes() for name, file in RUNTIME.items()}
        root = node_modules.resolve().parent
        pinned = json.loads((root / "package.json").read_bytes())["devDependencies"]
    except FileNotFoundError as error:
        raise ToolError(
            str(error.filename), "there is no such file", "Run `make setup`."
        ) from error
    if version != pinned[PACKAGE]:
        wanted = f"version {version} is installed, not {pinned[PACKAGE]}"
        raise ToolError(str(package), wanted, "Run `make setup`.")
    # npm's package brings none; these are of the same sources, from PyPI's.
    beside = Path(onnxruntime.__file__).parent
    return files | {f"ort/{name}": (beside / name).read_bytes() for name in LICENCES}, version


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()
