"""The example models, prepared once, and a Python that has what a bundle asks for, no more."""

import subprocess
import venv
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import files
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from models.preparation.bundling.bundle import write
from models.preparation.bundling.edge import edge_bundle
from models.preparation.bundling.trial import find_node
from models.preparation.bundling.web import web_bundle
from models.preparation.preparing import prepare
from models.preparation.training import train
from tests.support.browser import browser
from tests.support.models import ROOT
from wherry.artifact import Artifact
from wherry.ort import onnxruntime

MODULES = ROOT / "node_modules"
LOCK = ROOT / "requirements/runtime.txt"
PACKAGES = ("onnxruntime", "numpy", "flatbuffers", "protobuf", "packaging")

Prepared = Callable[[str], Artifact]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def prepared_model(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Train and prepare an example model by its name, the first time that it is asked for."""

    @cache
    def made(name: str) -> Artifact:
        build = tmp_path_factory.mktemp(name)
        train(ROOT / "models" / name, build)
        return prepare(ROOT / "models" / name, build)

    return made


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """
    Run, in a bundle's folder, a Python with the packages of its requirements.txt and no other.

    They are linked from this one's. Nothing of this process's environment is handed on.
    """
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("python")
    venv.create(folder, symlinks=True, with_pip=False)
    [site] = folder.glob("lib/python*/site-packages")
    for path in _installed():
        (site / path.name).symlink_to(path)

    def run(where: Path, *words: str, told: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(folder / "bin/python"), "-B", *words],
            cwd=where,
            env={"HOME": str(home)},
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    with browser() as session:
        yield session


@pytest.fixture
def web_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write the web bundle of an artifact; `tried` by Node.js first."""

    def written(artifact: Artifact, *, tried: bool = False) -> Path:
        folder = tmp_path / f"{artifact.manifest.model}-web"
        write(web_bundle(artifact, MODULES, node=find_node() if tried else None), folder)
        return folder

    return written


@pytest.fixture
def edge_folder(tmp_path: Path) -> Callable[[Artifact], Path]:
    """Write the edge bundle of an artifact."""

    def written(artifact: Artifact) -> Path:
        folder = tmp_path / artifact.manifest.model
        write(edge_bundle(artifact, LOCK), folder)
        return folder

    return written


def _installed() -> Iterator[Path]:
    """The files and folders at the top of what PACKAGES installed."""
    site = Path(onnxruntime.__file__).parents[1]
    listed = (file for package in PACKAGES for file in files(package) or ())
    yield from {
        site / file.parts[0] for file in listed if file.parts[0] not in ("..", "__pycache__")
    }
