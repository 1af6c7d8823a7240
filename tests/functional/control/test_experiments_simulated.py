"""
What the analysis promises, on simulated experiments: seeds are fixed, everybody looks all the time.

A path is one experiment, subject by subject; it is looked at after each few of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wherry_control.evidence.counts import THOUSAND, Moments
from wherry_control.experiments.analysis import FEWEST, Interval, compare, split_evidence
from wherry_control.experiments.report import ALPHA, SPLIT_ALPHA

PATHS, SUBJECTS = 400, 8_000
LOOKS = np.unique(np.geomspace(2 * FEWEST, SUBJECTS, 40).astype(int)) - 1
Numbers = np.ndarray[tuple[int], np.dtype[Any]]


@dataclass(frozen=True)
class Path:
    """Of each look, the moments of both arms."""

    control: list[Moments]
    arm: list[Moments]

    def intervals(self, alpha: float = ALPHA) -> list[Interval]:
        told = zip(self.control, self.arm, strict=True)
        found = (compare(control, arm, alpha) for control, arm in told)
        return [each for each in found if each is not None]


def path(seed: int, kind: str, *, share: float = 0.5, lift: float = 0.0) -> Path:
    """Subjects come to the arm with a chance of `share`; its outcomes are greater by `lift`."""
    random = np.random.default_rng(seed)
    given = random.random(SUBJECTS) < share
    values = np.round(OUTCOMES[kind](random, lift * given) * THOUSAND).astype(np.int64)
    return Path(_moments(values, ~given), _moments(values, given))


def _moments(values: Numbers, chosen: Numbers) -> list[Moments]:
    sums = (np.cumsum(each * chosen)[LOOKS] for each in (np.ones_like(values), values, values**2))
    return [Moments(*map(int, each)) for each in zip(*sums, strict=True)]


OUTCOMES = {
    "half": lambda random, lift: random.random(SUBJECTS) < 0.5 + lift,
    "rare": lambda random, lift: random.random(SUBJECTS) < 0.01 + lift,
    "normal": lambda random, lift: random.normal(0, 1, SUBJECTS) + lift,
    "spend": lambda random, lift: (
        (random.random(SUBJECTS) < 0.05) * random.lognormal(3, 1, SUBJECTS) + lift
    ),
}


@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize("kind", OUTCOMES)
def test_where_nothing_differs_no_look_shows_a_difference(kind: str, share: float) -> None:
    """In at most 5 % of the experiments, over all looks of each; a rare or skewed metric too."""
    false = sum(any(i.shows for i in path(n, kind, share=share).intervals()) for n in range(PATHS))

    assert false / PATHS <= ALPHA


def test_a_test_that_does_not_expect_looks_is_fooled_on_the_same_paths() -> None:
    """Which is why there is no z-test here."""
    z = 1.96

    def fooled(each: Path) -> bool:
        found = zip(each.control, each.arm, strict=True)
        return any(abs(_z(control, arm)) > z for control, arm in found)

    assert sum(fooled(path(n, "half")) for n in range(PATHS)) / PATHS > 3 * ALPHA


def _z(control: Moments, arm: Moments) -> float:
    told = 0.0
    for each in (control, arm):
        told += (each.squares / each.count / THOUSAND**2 - each.mean**2) / each.count
    return (arm.mean - control.mean) / told**0.5


@pytest.mark.parametrize(("kind", "lift"), [("half", 0.1), ("normal", 0.2), ("spend", 2.0)])
def test_the_true_difference_is_within_the_interval_at_every_look(kind: str, lift: float) -> None:
    """In at least 95 % of the experiments, all looks of each together."""
    missed = sum(
        any(not i.low <= lift <= i.high for i in path(n, kind, lift=lift).intervals())
        for n in range(PATHS)
    )

    assert missed / PATHS <= ALPHA


@pytest.mark.parametrize(("kind", "lift"), [("half", 0.1), ("rare", 0.02), ("normal", 0.2)])
def test_a_true_difference_is_found(kind: str, lift: float) -> None:
    """In every experiment of these sizes, and never with the wrong sign."""
    found = [path(n, kind, lift=lift).intervals()[-1] for n in range(50)]

    assert all(each.low > 0 for each in found)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.6, 0.3, 0.1)])
def test_a_split_that_is_right_is_hardly_ever_distrusted(shares: tuple[float, ...]) -> None:
    """However often it is looked at."""
    threshold, wrong = -np.log(SPLIT_ALPHA), 0
    for seed in range(PATHS):
        random = np.random.default_rng(seed)
        steps = random.multinomial(200, shares, size=50).cumsum(axis=0)
        wrong += any(split_evidence(each.tolist(), shares) >= threshold for each in steps)

    assert wrong / PATHS <= SPLIT_ALPHA


def test_a_split_of_52_to_48_is_found_within_10_000_subjects() -> None:
    """Mostly: at three of four, and at the very counts."""
    threshold, found = -np.log(SPLIT_ALPHA), 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        steps = random.multinomial(200, (0.52, 0.48), size=50).cumsum(axis=0)
        found += any(split_evidence(each.tolist(), (0.5, 0.5)) >= threshold for each in steps)

    assert split_evidence((5_200, 4_800), (0.5, 0.5)) >= threshold
    assert found >= 70
