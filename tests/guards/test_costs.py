"""What the pages say of costs is what the prices come to, for a model as it is by itself."""

import pytest

from docs.checks import DOCS
from docs.generate.costs import job, messages, queue, request, total
from infra.workers import QueueSettings

PAGE = (DOCS / "how-to/choose-a-way.md").read_text()


@pytest.mark.parametrize(
    ("way", "words", "dollars"),
    [
        ("request", "${} for a row each", total(request())),
        ("queue", "${}, or $2 with results in a queue alone", total(queue())),
        ("queue", "or ${} with results in a queue alone", total(messages())),
        ("job", "${} for a row each", total(job())),
    ],
)
def test_a_way_costs_what_the_page_of_costs_adds_up(way: str, words: str, dollars: float) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| **{way}**")]

    assert words.format(round(dollars)) in row


def test_a_queue_is_priced_with_the_results_that_it_has_by_itself() -> None:
    objects = [part for part in queue() if part.what == "objects written: results"]

    assert set(QueueSettings().results) == {"queue", "s3"}
    assert len(objects) == 1
