"""Goals: each is missed when what was measured misses it."""

from dataclasses import replace

import pytest

from wherry_control.simulation.goals import goals, passes_up_to
from wherry_control.simulation.measuring import Found, Row, rows_of
from wherry_control.simulation.rehearsal import Rehearsal
from wherry_control.simulation.rollouts import Rollouts
from wherry_control.simulation.scenarios import (
    BEYOND,
    HALF_BROKEN,
    IDENTICAL,
    SAME,
    SWAPPED_EVEN,
    WORSE,
    Cell,
    scenarios,
)


def a_row(scenario: str, contender: str = "wherry", **more: object) -> Row:
    row = Row(
        scenario=scenario,
        kind="same" if scenario == IDENTICAL else "worse",
        weight=10,
        per_minute=100,
        contender=contender,
        runs=1_000,
        rolled_back=1_000,
        requests=90.0,
        candidate=9.0,
        most_candidate=1_000,
        minutes=0.9,
    )
    return replace(row, **more)  # type: ignore[arg-type] # fields of a row


def a_rollout(kind: str, *, promoted: int) -> Rollouts:
    return Rollouts(
        scenario=kind,
        kind=kind,
        per_minute=100,
        runs=40,
        promoted=promoted,
        rolled_back=40 - promoted,
        minutes_to_promotion=None,
        minutes_to_rollback=None,
        candidate=None,
        failed=None,
        slow=None,
        first=Rehearsal(phase="", turns=(), requests=0, candidate=0, failed=0, slow=0),
    )


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (a_row(IDENTICAL, rolled_back=10), True),
        (a_row(IDENTICAL, rolled_back=11), True),  # as chance may have it, at 1 % of 1,000
        (a_row(IDENTICAL, rolled_back=20), False),
        (a_row(IDENTICAL, rolled_back=1, runs=10), True),
        (a_row(IDENTICAL, rolled_back=2, runs=10), False),
        (a_row(HALF_BROKEN, requests=100.0), True),
        (a_row(HALF_BROKEN, requests=101.0), False),
        (a_row(HALF_BROKEN, requests=None), False),
        (a_row(SWAPPED_EVEN), True),
        (a_row(SWAPPED_EVEN, most_candidate=1_001), False),
        (a_row(SWAPPED_EVEN, most_candidate=None, rolled_back=999), False),
    ],
)
def test_a_goal_is_met_or_missed_by_the_figure(row: Row, met: object) -> None:
    assert [goal.met for goal in goals([row])] == [met]


def test_false_rollbacks_are_held_by_weight_over_all_traffics() -> None:
    """A weight that fails is not hidden by those that do not."""
    fine = [a_row(IDENTICAL, weight=weight, rolled_back=0) for weight in (1, 5, 25, 50)]

    assert goals([*fine, a_row(IDENTICAL, rolled_back=9)])[0].met
    (missed,) = goals([*fine, a_row(IDENTICAL, rolled_back=30)])
    assert not missed.met
    assert "at 10 %" in missed.measured


def test_the_worst_cell_is_told_beside_the_weight_that_hides_it() -> None:
    cells = [a_row(IDENTICAL, per_minute=each, rolled_back=0) for each in (10, 1_000, 10_000)]

    (told,) = goals([*cells, a_row(IDENTICAL, rolled_back=17), a_row(IDENTICAL, "z-test")])

    assert told.met
    assert told.measured == "0.4% at 10 %; cell 1.7%; z-test 100%"


@pytest.mark.parametrize(("runs", "most"), [(10, 1), (1_000, 15), (1_200, 18), (20_000, 223)])
def test_up_to_so_many_rolled_back_are_met_and_one_more_is_missed(runs: int, most: int) -> None:
    """Also of more runs than a float has powers for."""
    assert passes_up_to(runs) == most / runs
    for count, met in ((most, True), (most + 1, False)):
        assert [each.met for each in goals([a_row(IDENTICAL, runs=runs, rolled_back=count)])] == [
            met
        ]


def test_swapped_classes_are_no_feat_where_an_alarm_finds_them() -> None:
    found = [a_row(SWAPPED_EVEN), a_row(SWAPPED_EVEN, "alarm", rolled_back=1)]

    assert not goals(found)[0].met


@pytest.mark.parametrize(("promoted", "met"), [(0, True), (1, False)])
def test_one_bad_candidate_promoted_misses_the_goal(promoted: int, met: object) -> None:
    """A good one that is promoted is none of it."""
    good = a_rollout(SAME, promoted=40)

    assert [goal.met for goal in goals([], [good, a_rollout(WORSE, promoted=promoted)])] == [met]


@pytest.mark.parametrize(("promoted", "met"), [((0, 0), True), ((4, 4), True), ((0, 5), False)])
def test_who_is_just_beyond_the_distance_may_be_promoted_as_often_as_alpha_says(
    promoted: tuple[int, int], met: object
) -> None:
    """Of 40 runs, 2 are 5 %; and a sum over traffics must hide none of them."""
    told = [
        replace(a_rollout(WORSE, promoted=each), scenario=name)
        for each, name in zip(promoted, BEYOND, strict=False)
    ]

    (goal,) = goals([], told)

    assert goal.name == "beyond distance: ≤ 5% promoted"
    assert goal.met is met


def test_a_median_is_of_all_runs_and_none_where_most_were_not_found() -> None:
    cell = Cell(scenario=scenarios()[0], weight=10, per_minute=100, minutes=1)
    early, late = Found(10, 1), Found(200, 20)
    told = [
        [early, late, None, None, early],
        [late, None, None, early, None],
        [early, None, late, None, None],
    ]

    first, second, third, *_ = rows_of(cell, told)

    assert (first.requests, first.minutes, first.most_candidate) == (10, 0.1, 20)
    assert (second.requests, second.candidate, second.rolled_back) == (None, None, 1)
    assert (third.requests, third.most_candidate) == (None, None)
