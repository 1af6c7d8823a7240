"""A rollout on the terminal: what is told of it, in 80 columns."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest

from cli import rollout_views as views
from cli.output import Output, View
from cli.rollout_readings import amount, bar
from tests.support.console_board import BEGAN, CANDIDATE, STABLE, FakeBoard
from tests.support.console_scripts import PLAN, SWAPPED
from wherry_control.evidence.counts import Counts
from wherry_control.rollouts.janitor import Pruning
from wherry_control.rollouts.numbers import numbers
from wherry_control.rollouts.report import Report

LATER = BEGAN + timedelta(minutes=9, seconds=5)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def at(minutes: int) -> Report:
    """So many minutes into a rollout of a candidate with swapped classes."""
    board = FakeBoard({"iris": SWAPPED})
    board.start("iris")
    for _ in range(minutes):
        board.tick("iris")
    told = board.report("iris")
    stable, candidate = (
        sum((each.counts for each in told.minutes if each.release == release), Counts())
        for release in (STABLE, CANDIDATE)
    )
    return replace(told, stable=stable, candidate=candidate)


def text(view: View) -> str:
    out = StringIO()
    Output(as_json=False, stdout=out, stderr=out).result(None, view)
    return out.getvalue()


@pytest.mark.parametrize("minutes", [0, 2, 5, 9])
def test_every_frame_fits_into_80_columns(minutes: int) -> None:
    told = at(minutes)

    lines = text(views.frame(told, LATER)).splitlines()

    assert all(len(line) <= 80 for line in lines)


def test_a_frame_tells_the_distance_and_how_much_evidence_there_is_of_how_much() -> None:
    told = at(3)
    assert told.state is not None
    assert told.state.judgement is not None
    (outputs,) = [each for each in told.state.judgement.readings if each.metric == "outputs"]

    shown = text(views.frame(told, LATER))

    assert outputs.told.startswith("outputs: answers differ by ")
    assert f"\n  {outputs.told}\n" in shown
    assert f"{outputs.evidence:.1f} of {outputs.threshold:.1f}" in shown


@pytest.mark.parametrize("words", [views.frame, lambda told, _: views.status(told)])
def test_a_long_reason_is_told_in_lines_of_80_columns(
    words: Callable[[Report, datetime], View],
) -> None:
    told = at(3)
    assert told.state is not None
    reason = "it waits for proof: not decided yet: errors, slow requests, outputs, and the outcome"
    told = replace(told, state=replace(told.state, reason=reason))

    shown = text(words(told, LATER))

    assert reason in " ".join(shown.split())
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_the_history_has_the_numbers_behind_a_move_and_status_does_not() -> None:
    told = at(7)
    assert told.state is not None
    behind = replace(told.history[-1], numbers=numbers(told.state.judgement))
    told = replace(told, history=(*told.history[:-1], behind))

    shown = " ".join(text(views.history(told.history)).split())

    assert "outputs: answers differ by 24 %, allowed 10 %; evidence 5.4 of 5.3, worse" in shown
    assert "evidence" not in text(views.status(told))


@pytest.mark.parametrize(
    ("evidence", "words"), [(7.63, "7.6"), (-0.02, "-0.0"), (1e9, "1e+09"), (-1e9, "-1e+09")]
)
def test_evidence_is_told_in_few_digits(evidence: float, words: str) -> None:
    assert amount(evidence) == words


def test_a_frame_shows_weights_requests_evidence_and_answers() -> None:
    told = at(3)

    shown = text(views.frame(told, LATER))

    assert "iris: step 1 of 4 (1 %), for 8 min 05 s" in shown
    words = " ".join(shown.split())
    assert f"release {CANDIDATE} 1 %" in words
    assert f"candidate {CANDIDATE} {told.candidate.requests:,}" in words
    assert "outputs" in shown
    assert "virginica" in shown


def test_a_frame_says_which_evidence_is_waited_for() -> None:
    told = replace(at(3), missing=("CloudWatch told nothing yet",))

    assert "waiting for evidence: CloudWatch told nothing yet" in text(views.frame(told, LATER))


def test_a_headline_changes_with_the_phase_and_says_why() -> None:
    assert views.headline(at(3)).startswith("iris: step 1 of 4 (1 %), release 6 99 %")
    assert views.headline(at(7)).startswith("iris: rolled back, release 6 100 %: outputs: ")


def test_a_model_without_a_rollout_is_told_so() -> None:
    told = replace(at(0), plan=None, state=None)

    assert text(views.frame(told, LATER)).endswith("no rollout was ever started here\n")
    assert views.headline(told) == "iris: release 6 100 %"


def test_frames_in_a_pipe_are_a_line_where_something_happened() -> None:
    out = StringIO()
    output = Output(as_json=False, stdout=out, stderr=StringIO())

    output.frames((line, ["a picture"]) for line in ("step 1", "step 1", "step 2"))

    assert out.getvalue() == "step 1\nstep 2\n"


def test_frames_on_a_terminal_are_drawn() -> None:
    out = Terminal()

    Output(as_json=False, stdout=out, stderr=StringIO()).frames([("line", ["a picture", "[red]"])])

    assert "a picture" in out.getvalue()
    assert "[red]" in out.getvalue()


def test_frames_of_json_are_left_to_the_result() -> None:
    out = StringIO()

    Output(as_json=True, stdout=out, stderr=StringIO()).frames([("line", ["a picture"])])

    assert out.getvalue() == ""


def test_a_plan_is_shown_with_its_steps_and_its_end() -> None:
    state = at(0).state
    assert state is not None

    shown = text(views.plan(PLAN, state))

    assert "2     5 %               100       3" in shown
    assert "Not there after 1440 minutes: rolled back" in shown


def test_of_a_first_release_the_plan_is_told_as_that_of_the_next_one() -> None:
    state = at(0).state
    assert state is not None

    shown = text(views.plan(PLAN, replace(state, stable=CANDIDATE)))

    assert "preflight with 20 requests; nothing moves either way. The next release:\n" in shown


def test_a_bar_is_never_wider_than_it_may_be() -> None:
    assert bar(7.0, 10) == "█" * 10
    assert bar(-1.0, 10) == "·" * 10


def test_releases_that_go_and_those_that_stay_are_listed_in_order() -> None:
    shown = text(views.pruned(Pruning(("1", "10"), {"9": "the way back"}), dry_run=True))

    assert [line.split()[0] for line in shown.splitlines()[1:]] == ["1", "9", "10"]
    assert "would go" in shown
