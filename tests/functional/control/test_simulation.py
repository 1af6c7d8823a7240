"""
The goals of the judge, held on simulated traffic with fewer runs than the page's; and the command.

`wherry simulate` holds them with all runs.
"""

from pathlib import Path

import pytest

from cli.simulate_views import END, START
from tests.support.project import ROOT, Project
from wherry_control.simulation.goals import goals
from wherry_control.simulation.measuring import Row, draw_run, rows_of, watched
from wherry_control.simulation.ours import Ours
from wherry_control.simulation.scenarios import (
    HALF_BROKEN,
    IDENTICAL,
    RETRAIN,
    SWAPPED_EVEN,
    SWAPPED_UNEVEN,
    Cell,
    cells,
)

SEED = 1
WIDTH = 80


def few(scenario: str, *, runs: int, weight: int | None = None, per_minute: int = 100) -> list[Row]:
    """Every contender in the cells of a scenario."""
    return [
        row
        for cell in cells()
        if cell.scenario.name == scenario and cell.per_minute == per_minute
        if weight in {None, cell.weight}
        for row in rows_of(cell, watched(cell, SEED, range(runs)))
    ]


def by_contender(told: list[Row]) -> dict[str, float]:
    return {
        name: sum(row.rolled_back for row in told if row.contender == name)
        / sum(row.runs for row in told if row.contender == name)
        for name in {row.contender for row in told}
    }


@pytest.mark.parametrize("scenario", [IDENTICAL, RETRAIN])
def test_a_harmless_candidate_is_rarely_rolled_back_where_a_repeated_z_test_often_does(
    scenario: str,
) -> None:
    """At every look, of which there are hundreds in a run."""
    told = few(scenario, runs=30 if scenario == IDENTICAL else 60)

    assert all(goal.met for goal in goals(told))
    shares = by_contender(told)
    assert shares["wherry"] <= 0.01
    assert shares["z-test"] >= 0.2


def test_a_half_broken_candidate_is_found_within_a_hundred_requests() -> None:
    told = few(HALF_BROKEN, runs=60, weight=10)

    assert [goal.met for goal in goals(told)] == [True]
    assert by_contender(told)["wherry"] == 1


@pytest.mark.parametrize("scenario", [SWAPPED_EVEN, SWAPPED_UNEVEN])
def test_swapped_classes_are_found_in_every_run_and_by_no_alarm(scenario: str) -> None:
    """Nothing fails and nothing is slow; without a preflight; within 1,000 candidate requests."""
    told = few(scenario, runs=40, weight=10)

    assert [goal.met for goal in goals(told)] == [True]
    assert by_contender(told) == {
        "wherry": 1,
        "z-test": 0,
        "alarm": 0,
        "kayenta": 0,
        "fixed": 0,
    }


def test_the_looks_that_are_skipped_change_no_outcome() -> None:
    """Against a look at every moment, on runs that come near a threshold and runs that do not."""
    chosen = [
        Cell(scenario=cell.scenario, weight=50, per_minute=100, minutes=20)
        for cell in cells()
        if (cell.weight, cell.per_minute) == (10, 1_000)
    ]

    for cell in chosen:
        for number in range(2):
            run = draw_run(cell, SEED, number)
            every = Ours(quiet=0).first(run)
            assert (Ours().first(run) is None) == (every is None), cell.scenario.name


def test_a_models_own_plan_is_rehearsed_in_eighty_columns() -> None:
    """Each kind of candidate, and the course of one rollout of each."""
    done = Project(ROOT).run("simulate", "--plan", "iris", "--runs", "2")

    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= WIDTH
    assert "Whole rollouts: the plan of iris" in done.out
    assert "step: the preflight passed. Then release 1 95 %, candidate 2 5 %" in done.out
    assert "Goals" not in done.out


def test_everything_is_simulated_and_written_into_a_page(tmp_path: Path) -> None:
    """The words of the page stay; the exit code is 3 if a goal was missed."""
    page = tmp_path / "page.md"
    page.write_text(f"# Mine\n\n{START}\nold\n{END}\n\nAfter.\n")

    done = Project(ROOT).run("simulate", "--runs", "1", "--seed", "3", "--write", str(page))

    assert done.code == (3 if "\nmissed" in done.out else 0), done.err
    assert max(map(len, done.out.splitlines())) <= WIDTH
    text = page.read_text()
    assert text.startswith("# Mine\n\n")
    assert text.endswith("\n\nAfter.\n")
    assert "old" not in text
    assert "| met | swapped, even: by 1,000, no alarm |" in text


def test_a_page_without_a_place_for_the_tables_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Mine\n")

    done = Project(ROOT).run("simulate", "--runs", "1", "--write", str(page))

    assert done.code == 2
    assert "simulated: to here" in done.err
    assert page.read_text() == "# Mine\n"
