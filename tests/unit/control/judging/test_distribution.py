"""Answers of both sides, compared as distributions."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product
from math import exp, factorial, log, prod

import numpy as np
import pytest

from wherry_control.evidence.counts import Counts
from wherry_control.judging.distribution import evidence_by_column, observed_distance, widened
from wherry_control.judging.mixing import STAKES, log_mean, stakes
from wherry_control.judging.verdicts import Stratum

BINS = ("|a", "|b", "|c")


def stratum(weight: float, stable: dict[str, int], candidate: dict[str, int]) -> Stratum:
    return Stratum(weight, Counts(pairs={"": stable}), Counts(pairs={"": candidate}))


def evidence(strata: list[Stratum], distance: float) -> float:
    return evidence_by_column(strata, distance)[""]


def by_every_set(strata: list[Stratum], distance: float) -> float:
    """The definition: a bettor for each set of bins and each stake, and the mean of them all."""
    logs = []
    for size in range(len(BINS) + 1):
        for chosen in combinations(BINS, size):
            by_stake = [0.0] * len(STAKES)
            for each in strata:
                w = each.weight
                for at, stake in enumerate(stakes(w, 1 / (1 - w) + distance)):
                    for name in BINS:
                        inside = name in chosen
                        mine, theirs = (1 / w, -1 / (1 - w)) if inside else (0.0, 0.0)
                        c = each.candidate.pairs[""].get(name, 0)
                        s = each.stable.pairs[""].get(name, 0)
                        by_stake[at] += c * log(1 + stake * (mine - distance))
                        by_stake[at] += s * log(1 + stake * (theirs - distance))
            logs.append(log_mean(by_stake))
    return log_mean(logs)


def test_the_product_over_bins_is_the_mean_over_all_sets() -> None:
    strata = [
        stratum(0.1, {"|a": 20, "|b": 7}, {"|b": 3, "|c": 1}),
        stratum(0.5, {"|a": 5, "|c": 5}, {"|a": 1, "|b": 6, "|c": 4}),
    ]

    assert evidence(strata, 0.07) == pytest.approx(by_every_set(strata, 0.07))


def cells(requests: int, chances: dict[tuple[str, str], float]) -> Iterator[tuple[float, Counter]]:  # type: ignore[type-arg]
    """Every way in which so many requests may fall into cells, with its chance."""
    names = list(chances)
    for counts in product(range(requests + 1), repeat=len(names)):
        if sum(counts) == requests:
            ways = factorial(requests) / prod(factorial(each) for each in counts)
            yield (
                ways * prod(chances[name] ** k for name, k in zip(names, counts, strict=True)),
                Counter(dict(zip(names, counts, strict=True))),
            )


@pytest.mark.parametrize("weight", [0.05, 0.5])
@pytest.mark.parametrize(
    ("stable", "candidate"),
    [
        ((0.5, 0.3, 0.2), (0.5, 0.3, 0.2)),
        ((0.5, 0.3, 0.2), (0.4, 0.3, 0.3)),
        ((1, 0, 0), (0.9, 0, 0.1)),
    ],
)
def test_distributions_within_the_distance_earn_nothing_on_average(
    weight: float, stable: tuple[float, ...], candidate: tuple[float, ...]
) -> None:
    chances = {("s", name): (1 - weight) * p for name, p in zip(BINS, stable, strict=True)}
    chances |= {("c", name): weight * p for name, p in zip(BINS, candidate, strict=True)}

    def mean(distance: float) -> float:
        total = 0.0
        for chance, counts in cells(4, chances):
            if chance:
                sides = [{name: counts[side, name] for name in BINS} for side in "sc"]
                total += chance * exp(evidence([stratum(weight, *sides)], distance))
        return total

    assert mean(0.1) <= 1 + 1e-9


def test_a_bin_that_nobody_hit_changes_nothing() -> None:
    seen = stratum(0.1, {"|a": 20}, {"|a": 3})
    padded = stratum(0.1, {"|a": 20, "|z": 0}, {"|a": 3})

    assert evidence([padded], 0.1) == pytest.approx(evidence([seen], 0.1))


def pairs(truth: list[int], answers: list[int]) -> dict[str, dict[str, int]]:
    return {
        "": dict(Counter(f"|{each}" for each in answers)),
        "petal": dict(Counter(f"{x}|{each}" for x, each in zip(truth, answers, strict=True))),
    }


def test_swapped_classes_of_balanced_traffic_are_seen_beside_the_input_only() -> None:
    rng = np.random.default_rng(3)
    stable, candidate = rng.integers(0, 3, 2700).tolist(), rng.integers(0, 3, 300).tolist()
    swapped = [(1, 0, 2)[each] for each in candidate]
    seen = Stratum(
        0.1, Counts(pairs=pairs(stable, stable)), Counts(pairs=pairs(candidate, swapped))
    )

    told = evidence_by_column([seen], 0.1)

    assert told[""] < 0
    assert told["petal"] > 20
    assert observed_distance([seen], "petal") == pytest.approx(2 / 3, abs=0.06)


def test_a_column_that_one_side_lacks_is_left_out() -> None:
    stable = Counts(pairs={"": {"|a": 9}, "old": {"1|a": 9}})
    candidate = Counts(pairs={"": {"|a": 1}, "new": {"1|a": 1}, "empty": {}})

    assert list(evidence_by_column([Stratum(0.1, stable, candidate)], 0.1)) == [""]


def test_a_great_many_requests_are_no_trouble_for_floats() -> None:
    seen = stratum(0.5, {"|a": 5_000_000, "|b": 0}, {"|a": 0, "|b": 5_000_000})

    assert evidence([seen], 0.1) > 1e6


def test_a_model_that_differs_within_the_distance_is_not_found_however_often_one_looks() -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        mine = rng.random(1500) < 0.25
        low = rng.random(1500) < np.where(mine, 0.42, 0.5)
        for end in range(100, 1501, 100):
            counts = Counter(zip(mine[:end].tolist(), low[:end].tolist(), strict=True))
            stable = {"|low": counts[False, True], "|high": counts[False, False]}
            candidate = {"|low": counts[True, True], "|high": counts[True, False]}
            assert evidence([stratum(0.25, stable, candidate)], 0.1) < log(20)


def test_the_counted_distance_is_that_of_the_same_hours() -> None:
    """Stable had the morning's mix, the candidate mostly the evening's; both answer alike."""
    morning = stratum(0.1, {"|a": 810, "|b": 90}, {"|a": 90, "|b": 10})
    evening = stratum(0.5, {"|a": 50, "|b": 450}, {"|a": 50, "|b": 450})

    assert observed_distance([morning, evening], "") == pytest.approx(0, abs=1e-9)


def test_by_octaves_the_bins_of_one_octave_are_one() -> None:
    told = Stratum(
        0.5,
        Counts(pairs={"x": {"+0|a": 1, "+-3|a": 1, "red|a": 1}}),
        Counts(pairs={"x": {"+3|a": 1, "+-1|a": 1, "red|a": 1}}),
    )

    assert observed_distance([told], "x") == pytest.approx(2 / 3)
    assert observed_distance([told], "x", coarse=True) == pytest.approx(0)


def test_answers_are_never_taken_together() -> None:
    told = Stratum(0.5, Counts(pairs={"": {"|+4": 9}}), Counts(pairs={"": {"|+5": 9}}))

    assert observed_distance([told], "", coarse=True) == pytest.approx(1)


def test_a_candidate_that_answers_more_is_within_the_distance_on_average() -> None:
    """Stable fails or refuses most, the candidate nothing: the mean over all that may come."""
    weight, silent = 0.05, 0.7
    chances = {"silent": (1 - weight) * silent, "s": (1 - weight) * (1 - silent), "c": weight}
    truly = silent / ((1 - silent) * (1 - weight) + weight)

    def mean(distance: float) -> float:
        total = 0.0
        for requests in product(chances, repeat=6):
            counted = Counter(requests)
            seen = [stratum(weight, {"|a": counted["s"]}, {"|a": counted["c"]})]
            total += prod(map(chances.__getitem__, requests)) * exp(evidence(seen, distance))
        return total

    assert mean(truly) <= 1
    assert mean(silent) > 1


def test_what_stable_leaves_unanswered_widens_the_distance_of_that_stratum_alone() -> None:
    stable = Counts(requests=900, refusals=100, errors={"model": 400}, pairs={"": {"|a": 500}})
    outage = Stratum(0.5, stable, Counts(requests=1000, pairs={"": {"|a": 1000}}))
    calm = Stratum(0.5, *[Counts(requests=1000, pairs={"": {"|a": 1000}})] * 2)

    assert widened([outage, calm, outage], "") == pytest.approx([0.5 / 0.75, 0, 0.5 / 0.75])


def test_what_the_candidate_leaves_unanswered_narrows_nothing() -> None:
    some = Counts(requests=1000, errors={"model": 500}, pairs={"": {"|a": 500}})

    assert widened([Stratum(0.5, Counts(requests=1000), some)], "") == [0]


def test_a_category_that_one_release_alone_knows_is_no_other_answer() -> None:
    stable = Counts(requests=850, pairs={"colour": {"red|a": 600, "other|a": 250}})
    candidate = Counts(requests=850, pairs={"colour": {"red|a": 600, "teal|a": 250}})
    told = [Stratum(0.5, stable, candidate)]

    assert evidence_by_column(told, 0.1)["colour"] < 0
    assert widened(told, "colour") == [pytest.approx(250 / 850)]


@pytest.mark.parametrize(("weight", "hits"), [(0.5, 14), (0.01, 2)])
def test_a_bin_that_one_side_lacks_by_chance_widens_nothing(weight: float, hits: int) -> None:
    both = {"red|a": 600}
    candidate = Counts(pairs={"colour": {**both, "teal|a": hits}})

    assert widened([Stratum(weight, Counts(pairs={"colour": both}), candidate)], "colour") == [0]


def test_another_answer_beside_a_known_category_is_found_all_the_same() -> None:
    stable = Counts(pairs={"colour": {"red|a": 450, "blue|b": 450, "other|a": 100}})
    candidate = Counts(pairs={"colour": {"red|b": 450, "blue|a": 450, "teal|a": 100}})

    assert evidence_by_column([Stratum(0.5, stable, candidate)], 0.1)["colour"] > log(1000)


def test_a_bin_that_was_never_hit_is_as_good_as_none() -> None:
    never = Counts(pairs={"colour": {"red|a": 0}})
    some = Counts(pairs={"colour": {"blue|a": 900}})

    assert widened([Stratum(0.5, some, never)], "colour") == [1]
    assert widened([Stratum(0.5, never, never)], "colour") == [0]
