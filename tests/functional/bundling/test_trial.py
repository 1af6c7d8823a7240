"""A web bundle that no browser could use is refused when it is made, with the reason."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from models.preparation.bundling.trial import find_node
from models.preparation.bundling.web import PACKAGE, RUNTIME, web_bundle
from tests.support.models import ROOT
from tests.support.onnx_models import one_step, scaled
from wherry.artifact import Artifact
from wherry.errors import ToolError, UsageError

MODULES = ROOT / "node_modules"

Prepared = Callable[[str], Artifact]


def installed(root: Path, version: str) -> Path:
    """A node_modules with a runtime of this version, beside a package.json that pins 1.0.0."""
    package = root / "node_modules" / PACKAGE
    for file in RUNTIME.values():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_bytes(b"")
    (package / "package.json").write_text(json.dumps({"version": version}))
    (root / "package.json").write_text(json.dumps({"devDependencies": {PACKAGE: "1.0.0"}}))
    return root / "node_modules"


def test_it_is_told_how_far_the_browser_is_off_the_service(prepared_model: Prepared) -> None:
    [note] = web_bundle(prepared_model("iris"), MODULES, node=find_node()).notes

    assert "answers 6 requests, 4 of them golden, at most 0 off" in note


def test_a_model_that_the_runtime_does_not_load_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        web_bundle(one_step("NoSuchOperator"), MODULES, node=find_node())

    assert refused.value.where == "model tiny"
    assert "a browser cannot run it" in refused.value.what
    assert "NoSuchOperator" in refused.value.what
    assert refused.value.todo == "Try `wherry bundle tiny --edge`."


def test_a_model_that_fails_a_golden_example_is_refused(prepared_model: Prepared) -> None:
    iris = prepared_model("iris")
    golden = iris.files["golden.json"].replace(b'"setosa"]}', b'"virginica"]}')
    files = {name: iris.files[name] for name in iris.manifest.files} | {"golden.json": golden}

    with pytest.raises(UsageError, match="to 'a small flower with tiny petals'"):
        web_bundle(Artifact.seal(iris.manifest, files), MODULES, node=find_node())


def test_without_node_it_is_made_untried_and_says_so() -> None:
    [note] = web_bundle(scaled(), MODULES, node=None).notes

    assert note.startswith("not tried: there is no Node.js")


def test_a_node_that_cannot_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="it cannot try the page"):
        web_bundle(scaled(), MODULES, node=str(tmp_path / "node"))


def test_the_same_artifact_makes_the_same_files(prepared_model: Prepared) -> None:
    first, again = (web_bundle(prepared_model("iris"), MODULES, node=None) for _ in range(2))

    assert first == again


def test_no_file_of_the_page_names_another_place() -> None:
    files = web_bundle(scaled(), MODULES, node=None).files
    page = [name for name in files if name.endswith((".js", ".css", ".html")) and "/" not in name]

    named = {name for name in page if re.search(rb"https?:", files[name])}

    assert len(page) > 8
    assert named == set()


def test_a_runtime_that_is_not_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="Run `make setup`"):
        web_bundle(scaled(), tmp_path / "node_modules", node=None)


def test_a_runtime_of_another_version_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"version 2\.0\.0 is installed, not 1\.0\.0"):
        web_bundle(scaled(), installed(tmp_path, "2.0.0"), node=None)
