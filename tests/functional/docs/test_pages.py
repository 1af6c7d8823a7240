"""Every page whose commands need no AWS does what it shows."""

import os
import shutil
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from docs.blocks import blocks, needs_broker, needs_local_aws
from docs.checks import ROOT, pages
from tests.support.pages import run_page, shown
from tests.support.project import Project

SECONDS = 120
PORTS = ("8080", "8081", "8082")
FILES = {"python": "train.py", "toml": "model.toml", "json": "golden.json"}
WITHOUT_AWS = [
    page
    for page in pages()
    if any(block.runs for block in blocks(page))
    and not needs_local_aws(blocks(page))
    and not needs_broker(blocks(page))
]


def free_ports() -> dict[str, str]:
    """Free ports instead of those that pages show; they follow each other, as those do."""
    while True:
        with ExitStack() as probes, suppress(OSError, OverflowError):
            port = 0
            for _ in PORTS:
                probe = probes.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port))
                port = probe.getsockname()[1] + 1
            return {shown: str(port - len(PORTS) + n) for n, shown in enumerate(PORTS)}


@pytest.mark.parametrize("page", WITHOUT_AWS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    found = blocks(page)
    if any("curl " in block.text for block in found if block.runs) and not shutil.which("curl"):
        assert "WHERRY_REQUIRE_CONTAINERS" not in os.environ, "curl is not installed"
        pytest.skip("curl is not installed")
    instead = free_ports()

    session = run_page(page, Project.copy(tmp_path / "checkout"), instead, SECONDS)

    assert session.code == 0, session.output
    assert not session.missing(shown(found, instead)), session.output


def test_the_model_that_a_page_writes_down_goes_the_whole_way(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "checkout")
    folder = project.root / "models/leavers"
    folder.mkdir()
    (folder / "CARD.md").write_text("# leavers\n")
    for block in blocks(ROOT / "docs/how-to/bring-your-own-model.md"):
        if block.language in FILES:
            (folder / FILES[block.language]).write_text(block.text)
    rows = "".join(f"{months},{int(months < 12)}\n" for months in [*range(100), *[36] * 20])
    (folder / "leavers.csv").write_text(f"months,left\n{rows}")

    trained = project.wherry("train", "leavers")
    project.wherry("prepare", "leavers")

    assert trained["estimator"] == "GradientBoostingClassifier"


def test_the_pages_for_beginners_are_among_them() -> None:
    """A page whose blocks were all marked as not to be run would prove nothing."""
    names = {page.name for page in WITHOUT_AWS}

    assert {
        "README.md",
        "bring-your-own-model.md",
        "serve-without-aws.md",
        "measure-the-bare-handler.md",
    } <= names
