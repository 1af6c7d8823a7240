"""The pages that show the local AWS do what they show; the tutorial above all."""

from pathlib import Path

import pytest

from docs.blocks import blocks, needs_local_aws
from docs.checks import ROOT, pages
from tests.e2e.conftest import free_port
from tests.support.pages import run_page, shown
from tests.support.project import Project

pytestmark = pytest.mark.e2e

SECONDS = 580
ON_LOCAL_AWS = [page for page in pages() if needs_local_aws(blocks(page))]


@pytest.mark.usefixtures("base_image")
@pytest.mark.parametrize("page", ON_LOCAL_AWS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_shows(page: Path, elsewhere: Project) -> None:
    port = str(free_port())
    instead = {
        ":4566": f":{port}",
        "local up --": f"local up --port {port} --",
        "local up\n": f"local up --port {port}\n",
    }
    try:
        session = run_page(page, elsewhere, instead, SECONDS)
    finally:
        elsewhere.wherry("local", "down")

    assert session.code == 0, session.output
    assert not session.missing(shown(blocks(page), instead)), session.output


def test_the_tutorial_is_among_them() -> None:
    assert ROOT / "docs/tutorial/first-voyage.md" in ON_LOCAL_AWS
