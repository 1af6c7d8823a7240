"""Answers of both sides that are proven to be near each other, or are not."""

from collections import Counter
from itertools import combinations, product
from math import exp, log, prod

import numpy as np
import pytest

from wherry_control.evidence.counts import Counts
from wherry_control.judging.mixing import log_mean
from wherry_control.judging.nearness import BETS, nearness
from wherry_control.judging.verdicts import Stratum

LABELS = ("|a", "|b", "|c")
SURE = log(20)


def stratum(weight: float, stable: dict[str, int], candidate: dict[str, int]) -> Stratum:
    return Stratum(weight, Counts(pairs={"": stable}), Counts(pairs={"": candidate}))


def of_set(strata: list[Stratum], distance: float, bet: float, chosen: tuple[str, ...]) -> float:
    """The definition: one bettor, against the candidate answering that much more in `chosen`."""
    told = 0.0
    for each in strata:
        w = each.weight
        stake = bet * distance * w * (1 - w)
        for name in LABELS:
            sign = 0.5 if name in chosen else -0.5
            ours, theirs = (side.pairs[""].get(name, 0) for side in (each.candidate, each.stable))
            told += ours * log(1 + stake * (distance - sign / w))
            told += theirs * log(1 + stake * (distance + sign / (1 - w)))
    return told


def test_it_is_the_poorest_of_the_bettors_on_all_sets_of_answers() -> None:
    strata = [
        stratum(0.1, {"|a": 20, "|b": 7}, {"|b": 3, "|c": 1}),
        stratum(0.5, {"|a": 5, "|c": 5}, {"|a": 1, "|b": 6, "|c": 4}),
    ]
    sets = [each for size in range(4) for each in combinations(LABELS, size)]

    poorest = [min(of_set(strata, 0.1, bet, each) for each in sets) for bet in BETS]

    assert nearness(strata, 0.1) == pytest.approx(log_mean(poorest))


@pytest.mark.parametrize("weight", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("candidate", [(0.4, 0.3, 0.3), (0.6, 0.2, 0.2), (0.3, 0.3, 0.4)])
def test_who_is_as_far_away_as_is_allowed_proves_nothing_on_average(
    weight: float, candidate: tuple[float, ...]
) -> None:
    chances = {
        ("s", name): (1 - weight) * p for name, p in zip(LABELS, (0.5, 0.3, 0.2), strict=True)
    }
    chances |= {("c", name): weight * p for name, p in zip(LABELS, candidate, strict=True)}

    total = 0.0
    for requests in product(chances, repeat=4):
        counted = Counter(requests)
        sides = [{name: counted[side, name] for name in LABELS} for side in "sc"]
        chance = prod(map(chances.__getitem__, requests))
        total += chance * exp(nearness([stratum(weight, *sides)], 0.1))

    assert total <= 1 + 1e-9


def counted(weight: float, requests: int, stable: int, candidate: int) -> Stratum:
    """Requests split as asked; `stable` and `candidate` are the percent that are answered `a`."""
    ours = round(requests * weight)
    sides = [
        {"|a": of * share // 100, "|b": of - of * share // 100}
        for of, share in ((requests - ours, stable), (ours, candidate))
    ]
    return stratum(weight, *sides)


@pytest.mark.parametrize(
    ("weight", "requests", "candidate", "sure"),
    [
        (0.1, 1_000, 50, False),  # nobody can tell yet
        (0.1, 5_000, 50, True),
        (0.5, 2_000, 50, True),
        (0.1, 200_000, 58, True),
        (0.1, 50_000, 60, False),  # exactly what is allowed
        (0.1, 5_000, 61, False),
        (0.1, 500_000, 61, False),
    ],
)
def test_it_takes_some_hundred_answers_of_the_candidate_to_be_sure(
    weight: float, requests: int, candidate: int, *, sure: bool
) -> None:
    told = nearness([counted(weight, requests, 50, candidate)], 0.1)

    assert (told >= SURE) == sure


def test_a_candidate_beyond_the_distance_is_hardly_ever_proven_near_however_often_one_looks() -> (
    None
):
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(60):
        mine = rng.random(4000) < 0.25
        low = rng.random(4000) < np.where(mine, 0.61, 0.5)
        told = []
        for end in range(100, 4001, 100):
            stable, candidate = (
                {"|low": int((side & low)[:end].sum()), "|high": int((side & ~low)[:end].sum())}
                for side in (~mine, mine)
            )
            told.append(nearness([stratum(0.25, stable, candidate)], 0.1))
        wrong += max(told) >= SURE

    assert wrong <= 3  # of 60; alpha is one in twenty


def silent(stratum: Stratum, stable: int, candidate: int) -> Stratum:
    """The same, with so many percent of each side's requests failed instead of answered."""
    sides = []
    for seen, share in ((stratum.stable, stable), (stratum.candidate, candidate)):
        answered = {name: count * (100 - share) // 100 for name, count in seen.pairs[""].items()}
        requests = sum(seen.pairs[""].values())
        errors = {"model": requests - sum(answered.values())}
        sides.append(Counts(requests, errors=errors, pairs={"": answered}))
    return Stratum(stratum.weight, *sides)


@pytest.mark.parametrize(("stable", "candidate"), [(0, 50), (30, 30), (1, 2)])
def test_who_fails_is_judged_by_the_answers_that_are_left(stable: int, candidate: int) -> None:
    near, far = (silent(counted(0.25, 20_000, 70, share), stable, candidate) for share in (70, 81))

    assert nearness([near], 0.1) >= SURE
    assert nearness([far], 0.1) < 0


def test_more_answers_than_can_be_told_apart_are_thrown_together() -> None:
    """A thousand classes, each a few times: what is left of the distance is not chance alone."""
    rng = np.random.default_rng(3)
    sides = [Counter(f"|{each}" for each in rng.integers(0, 1000, of)) for of in (18_000, 6_000)]

    assert nearness([stratum(0.25, *map(dict, sides))], 0.1) >= SURE


def test_of_no_answers_nothing_is_known() -> None:
    assert nearness([stratum(0.25, {}, {})], 0.1) == 0
