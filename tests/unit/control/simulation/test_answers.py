"""The tables that answers are drawn from: what is in them, and how far two of them lie apart."""

import numpy as np
import pytest

from wherry_control.simulation.answers import Answers, classes, scores
from wherry_control.simulation.scenarios import (
    BEYOND,
    EVEN,
    RETRAINED,
    SWAPPED,
    UNEVEN,
    scenarios,
    slower,
)


def distance(one: Answers, other: Answers) -> float:
    """Total variation, of inputs and answers together."""
    return float(np.abs(one.joint - other.joint).sum() / 2)


@pytest.mark.parametrize("answers", [classes(EVEN), classes(UNEVEN, order=SWAPPED), scores(0.5)])
def test_a_table_is_a_distribution(answers: Answers) -> None:
    assert answers.joint.sum() == pytest.approx(1)
    assert answers.joint.min() >= 0
    assert answers.joint.shape[-1] == len(answers.names)


def test_swapped_classes_of_an_even_mix_leave_the_share_of_each_class_alone() -> None:
    """So whoever looks at the classes alone sees nothing."""
    plain, swapped = classes(EVEN), classes(EVEN, order=SWAPPED)

    alone = plain.joint.sum(axis=(0, 1)) - swapped.joint.sum(axis=(0, 1))
    assert np.abs(alone).max() < 0.02
    assert distance(plain, swapped) > 0.2


def test_swapped_classes_of_an_uneven_mix_change_the_share_of_each() -> None:
    plain, swapped = classes(UNEVEN), classes(UNEVEN, order=SWAPPED)

    assert np.abs(plain.joint.sum(axis=(0, 1)) - swapped.joint.sum(axis=(0, 1))).max() > 0.4


def test_what_was_retrained_answers_otherwise_for_so_many_rows_at_most() -> None:
    assert 0 < distance(classes(EVEN), classes(EVEN, retrained=RETRAINED)) <= RETRAINED


def test_stables_scores_fill_their_bins_alike_and_shifted_ones_do_not() -> None:
    """Half a standard deviation is a distance of 2 * Phi(0.25) - 1 = 0.197."""
    plain, shifted = (scores(each).joint.sum(axis=(0, 1)) for each in (0.0, 0.5))

    assert plain == pytest.approx(np.full(10, 0.1), abs=1e-3)
    assert np.abs(plain - shifted).sum() / 2 == pytest.approx(0.197, abs=0.01)


def test_a_plan_that_allows_nearly_all_has_fewer_candidates_beyond_it() -> None:
    """Two labels cannot lie further apart than one that all rows get."""
    told = {each.name for each in scenarios(0.4)}

    assert {name for name in BEYOND if name in told} == {"1.1 x distance", "1.2 x distance"}


@pytest.mark.parametrize("distance", [0.05, 0.1])
@pytest.mark.parametrize(("name", "times"), BEYOND.items())
def test_who_is_just_beyond_the_distance_is_so_in_the_answers_alone_and_beside_each_column(
    name: str, times: float, distance: float
) -> None:
    (told,) = [each for each in scenarios(distance) if each.name == name]
    apart = told.stable.answers.joint - told.candidate.answers.joint

    for axes in ((0, 1), (0,), (1,)):
        found = np.abs(apart.sum(axis=axes)).sum() / 2
        assert found == pytest.approx(times * distance)


def test_what_takes_longer_is_slow_as_often_as_the_log_normal_says() -> None:
    """Of 100 requests 1 is over the SLO; at 1.5 and 3 times the latency, 6.5 and 45."""
    assert [slower(each) for each in (1.0, 1.5, 3.0)] == pytest.approx(
        [0.01, 0.065, 0.448], abs=1e-3
    )
