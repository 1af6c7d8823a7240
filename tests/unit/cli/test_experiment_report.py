"""What people see of an experiment's report: in 80 columns, and as a page."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cli.experiment_page import page_of
from cli.experiment_report_view import report as view
from cli.output import Output
from cli.spans import since
from tests.support.outcomes_fakes import AT, DAY, FakeOutcomes, exposed, told
from wherry.errors import UsageError
from wherry_control.experiments.report import Asked, Report
from wherry_control.experiments.reporting import report_of

SHARES = {"forest": 1, "linear": 1, "<b>": 1}
ASKED = Asked(
    model="iris",
    experiment="forest-or-linear",
    metric="clicked",
    shares=SHARES,
    control="forest",
)


@pytest.fixture(scope="module")
def found() -> Report:
    """Three arms through three days: one better, one worse, and some that was left out."""
    outcomes = FakeOutcomes()
    arms, hits = list(SHARES), {"forest": 5, "linear": 2, "<b>": 20}
    for number in range(1_500):
        arm, at = arms[number % 3], AT + DAY * (number // 500)
        outcomes.expose([exposed(number, arm, at)])
        if number // 3 % hits[arm] == 0:
            outcomes.tell([told(number, at=at)])
    outcomes.tell([told(7_777, at=AT)])
    return report_of(outcomes, ASKED, AT, AT + 3 * DAY)


def shown(report: Report) -> str:
    out = io.StringIO()
    Output(as_json=False, stdout=out, stderr=io.StringIO()).result(report, view(report))
    return out.getvalue()


def test_the_terminal_has_the_verdict_the_arms_and_the_intervals_in_80_columns(
    found: Report,
) -> None:
    told_ = shown(found)

    assert max(map(len, told_.splitlines())) <= 80
    assert " ".join(found.verdict[0].split()) in " ".join(told_.split())
    assert re.search(r"linear +30 points +\d+ to \d+ +\+150\.0% +\| +<=+o=+>", told_)
    assert re.search(r"<b> +-15 points +-\d+ to -\d+\.\d +-75\.0% +<=+o=+> +\|", told_)
    assert "1 prediction told of, but made at another time" in told_


def test_a_zero_within_an_interval_is_drawn_within_it(found: Report) -> None:
    first, *others = found.comparisons
    assert first.interval
    across = replace(first, interval=replace(first.interval, low=-0.1))

    assert re.search(r"<=*\|=*o=*>", shown(replace(found, comparisons=(across, *others))))


def test_the_page_stands_alone_and_runs_nothing(found: Report) -> None:
    page = page_of(found).decode()

    assert "<script" not in page
    assert not re.search(r"""(src|href)=|url\(|@import""", page)
    assert page.count("<svg") == 3  # the intervals, and each arm through the days


def test_the_page_has_every_sentence_and_note(found: Report) -> None:
    page = page_of(found).decode()

    for sentence in (*found.verdict, *found.notes, found.split.told):
        assert sentence.replace("<", "&lt;").replace(">", "&gt;") in page


def test_names_on_the_page_are_text(found: Report) -> None:
    assert b"<b>" not in page_of(found)


def test_better_and_worse_have_their_colours(found: Report) -> None:
    page = page_of(found).decode()

    assert '<p class="verdict good">linear is better' in page
    assert '<p class="verdict bad">&lt;b&gt; is worse' in page


def test_a_wrong_split_takes_the_colour_from_all_else(found: Report) -> None:
    split = replace(found.split, wrong=True)
    page = page_of(replace(found, split=split, verdict=(split.told, *found.verdict))).decode()

    assert page.count('<p class="verdict') == 1
    assert "var(--good)" not in page.split("</style>")[1]


def test_an_experiment_that_nobody_was_in_has_a_page() -> None:
    empty = report_of(FakeOutcomes(), ASKED, AT, AT + DAY)

    assert b"Nobody has been in this experiment yet." in page_of(empty)
    assert "Nobody has been in this experiment yet." in shown(empty)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90m", AT - timedelta(minutes=90)),
        ("7d", AT - timedelta(days=7)),
        ("2w", AT - timedelta(weeks=2)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_moment_or_how_long_ago(text: str, moment: datetime) -> None:
    assert since(text, AT) == moment


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7y", "soon", "999999w", "2026-13-01"])
def test_what_is_no_time_is_told_with_what_is(text: str) -> None:
    with pytest.raises(UsageError, match="like 90m or 7d"):
        since(text, AT)


def test_a_time_to_come_is_refused() -> None:
    with pytest.raises(UsageError, match="not over yet"):
        since("2999-01-01", AT)
