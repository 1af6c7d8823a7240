"""The pages that show a broker do what they show."""

from pathlib import Path

import pytest

from docs.blocks import blocks, needs_broker
from docs.checks import ROOT, pages
from tests.support.pages import run_page, shown
from tests.support.project import Project
from tests.support.rabbitmq import rabbitmq

SECONDS = 240
AT_A_BROKER = [page for page in pages() if needs_broker(blocks(page))]


@pytest.mark.parametrize("page", AT_A_BROKER, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    with rabbitmq(tmp_path / "broker") as broker:
        instead = {"localhost:5672": f"127.0.0.1:{broker.port}"}
        session = run_page(page, Project.copy(tmp_path / "checkout"), instead, SECONDS)

    assert session.code == 0, session.output
    assert not session.missing(shown(blocks(page), instead)), session.output


def test_the_worker_is_among_them() -> None:
    assert ROOT / "docs/how-to/work-a-rabbitmq-queue.md" in AT_A_BROKER
