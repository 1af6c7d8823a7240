"""Traffic: what is drawn is what was asked for, and counts add up."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.random import default_rng

from wherry_control.simulation.answers import classes
from wherry_control.simulation.measuring import draw_run
from wherry_control.simulation.scenarios import EVEN, IDENTICAL, Cell, cells
from wherry_control.simulation.traffic import Behaviour, Run, draw, looks

PLAIN = Behaviour(errors=0.02, slow=0.1, answers=classes(EVEN))


def a_run(candidate: Behaviour = PLAIN, *, weight: float = 0.25, seed: int = 1) -> Run:
    at = looks(40_000, 1_000, every=100, growth=0.05)
    return draw(default_rng(seed), PLAIN, candidate, weight=weight, per_minute=1_000, at=at)


def test_one_looks_after_each_early_request_then_rarer_and_at_each_minute() -> None:
    at = looks(1_000, 100, every=20, growth=0.1).tolist()

    assert at[:20] == list(range(1, 21))
    assert set(range(100, 1_001, 100)) <= set(at)
    assert at[-1] == 1_000
    assert all(later <= earlier * 1.1 + 1 for earlier, later in pairwise(at))


def test_requests_are_split_by_the_weight() -> None:
    run = a_run()

    total = run.stable.requests + run.candidate.requests
    assert (total == run.requests).all()
    assert run.candidate.requests[-1] / 40_000 == pytest.approx(0.25, abs=0.01)


def test_each_release_behaves_as_it_was_told() -> None:
    bad = replace(PLAIN, errors=0.5, slow=0.3)

    counts = a_run(bad).candidate.counts(-1)

    assert counts.failed / counts.requests == pytest.approx(0.5, abs=0.02)
    assert counts.slow / (counts.requests - counts.failed) == pytest.approx(0.3, abs=0.02)


def test_every_answered_request_is_one_pair_of_each_column() -> None:
    """And the tables of all columns tell of the same answers."""
    counts = a_run().stable.counts(-1)

    answered = counts.requests - counts.failed
    assert {column: sum(bins.values()) for column, bins in counts.pairs.items()} == {
        "": answered,
        "told": answered,
        "noise": answered,
    }
    for column in ("told", "noise"):
        by_answer = dict.fromkeys(counts.pairs[""], 0)
        for key, count in counts.pairs[column].items():
            by_answer["|" + key.partition("|")[2]] += count
        assert by_answer == counts.pairs[""]


def test_one_column_tells_of_the_answer_and_the_other_does_not() -> None:
    """The lowest class is seldom in the highest quarter of `told`; `noise` has it everywhere."""
    pairs = a_run().stable.counts(-1).pairs

    assert pairs["told"].get("3|class 0", 0) < 0.1 * pairs["told"]["0|class 0"]
    assert pairs["noise"]["3|class 0"] == pytest.approx(pairs["noise"]["0|class 0"], rel=0.1)


def test_counts_never_shrink() -> None:
    run = a_run()

    for each in (run.stable, run.candidate):
        assert (np.diff(each.pairs["told"], axis=0) >= 0).all()
        assert (np.diff(each.errors) >= 0).all()


def test_minutes_end_where_a_minutes_requests_have_come() -> None:
    run = a_run()

    assert run.requests[run.minutes].tolist() == list(range(1_000, 40_001, 1_000))


def test_the_same_seed_and_number_are_the_same_run_whatever_else_is_simulated() -> None:
    cell = Cell(scenario=next(cells()).scenario, weight=10, per_minute=100, minutes=5)

    one, same, other = (draw_run(cell, 1, number) for number in (3, 3, 4))

    assert one.candidate.counts(-1) == same.candidate.counts(-1)
    assert one.candidate.counts(-1) != other.candidate.counts(-1)


def test_identical_releases_are_simulated_at_every_weight_and_traffic_of_the_issue() -> None:
    told = {(each.weight, each.per_minute) for each in cells() if each.scenario.name == IDENTICAL}

    assert told == {(w, r) for w in (1, 5, 10, 25, 50) for r in (10, 100, 1_000, 10_000)}
