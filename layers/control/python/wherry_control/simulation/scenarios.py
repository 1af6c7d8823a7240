"""
What is simulated: who the candidate is, how much traffic it gets, and for how long.

Stable fails one request in a hundred and is over its SLO as often. Latency is log-normal with a
sigma of 0.5, so a candidate that takes 1.5 or 3 times as long is slow for 6.5 or 45 % of them.
Where answers differ, nothing fails at all: no alarm on errors has anything to see.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log
from statistics import NormalDist
from zlib import crc32

from wherry_control.judging.settings import JudgeSettings
from wherry_control.simulation.answers import Answers, classes, scores, two_labels
from wherry_control.simulation.traffic import Behaviour

ERRORS = 0.01
SLOW = 0.01
SIGMA = 0.5
EVEN = (1 / 3, 1 / 3, 1 / 3)
UNEVEN = (0.7, 0.2, 0.1)
SWAPPED = (1, 0, 2)
RETRAINED = 0.03
DISTANCE = JudgeSettings().distance
MOST_BEYOND = 0.5

WEIGHTS = (1, 5, 10, 25, 50)
TRAFFIC = (10, 100, 1_000, 10_000)
SAME_MINUTES = 240
WORSE_MINUTES = 60
WORSE_AT = ((10, 100), (10, 1_000))

SAME, WORSE = "same", "worse"
IDENTICAL = "identical"
HALF_BROKEN = "errors 50 %"
SWAPPED_EVEN = "swapped, even"
SWAPPED_UNEVEN = "swapped, uneven"
RETRAIN = "retrained"
SLOWER = "latency x 3"
SHIFTED = "scores +0.5 sd"
BEYOND = {f"{times} x distance": times for times in (1.1, 1.2, 1.5)}
IN_ROLLOUTS = (IDENTICAL, RETRAIN, HALF_BROKEN, SLOWER, SWAPPED_EVEN, SHIFTED, *BEYOND)


@dataclass(frozen=True)
class Scenario:
    """`kind` says whether a rollback is right (worse) or wrong (same)."""

    name: str
    kind: str
    stable: Behaviour
    candidate: Behaviour


@dataclass(frozen=True, kw_only=True)
class Cell:
    """
    One scenario at one weight (percent) and traffic (requests a minute), for so many minutes.

    `every` and `growth` say how densely one looks: see `traffic.looks`.
    """

    scenario: Scenario
    weight: int
    per_minute: int
    minutes: int
    every: int = 300
    growth: float = 0.01

    @property
    def key(self) -> int:
        """What a seed is made of: the same cell has the same luck, whatever else is simulated."""
        return crc32(f"{self.scenario.name} {self.weight} {self.per_minute}".encode())


def slower(factor: float) -> float:
    """The share of requests over the SLO, when each takes `factor` times as long."""
    normal = NormalDist()
    return 1 - normal.cdf(normal.inv_cdf(1 - SLOW) - log(factor) / SIGMA)


def scenarios(distance: float = DISTANCE) -> tuple[Scenario, ...]:
    """All of them, the harmless ones first; `distance` is what the plan allows."""
    plain = Behaviour(errors=ERRORS, slow=SLOW, answers=classes(EVEN))
    retrained = replace(plain, answers=classes(EVEN, retrained=RETRAINED))
    told = [
        Scenario(IDENTICAL, SAME, plain, plain),
        Scenario(RETRAIN, SAME, plain, retrained),
    ]
    for percent, name in ((3, "errors 3 %"), (10, "errors 10 %"), (50, HALF_BROKEN)):
        told.append(Scenario(name, WORSE, plain, replace(plain, errors=percent / 100)))
    for factor, name in ((1.5, "latency x 1.5"), (3, SLOWER)):
        told.append(Scenario(name, WORSE, plain, replace(plain, slow=slower(factor))))
    for mix, name in ((EVEN, SWAPPED_EVEN), (UNEVEN, SWAPPED_UNEVEN)):
        told.append(_answering(name, WORSE, classes(mix), classes(mix, order=SWAPPED)))
    told.append(_answering(SHIFTED, WORSE, scores(), scores(0.5)))
    return (*told, *_beyond(distance))


def cells() -> Iterator[Cell]:
    """All that `wherry simulate` measures."""
    same, *others = scenarios()
    for weight in WEIGHTS:
        for per_minute in TRAFFIC:
            yield Cell(
                scenario=same,
                weight=weight,
                per_minute=per_minute,
                minutes=SAME_MINUTES,
                every=100,
            )
    for scenario in others:
        for weight, per_minute in WORSE_AT:
            yield Cell(
                scenario=scenario, weight=weight, per_minute=per_minute, minutes=WORSE_MINUTES
            )


def rollout_cells(per_minute: Sequence[int], distance: float = DISTANCE) -> Iterator[Cell]:
    """Whole rollouts: their weights and times are the plan's, as is the distance."""
    for scenario in scenarios(distance):
        if scenario.name in IN_ROLLOUTS:
            for each in per_minute:
                yield Cell(scenario=scenario, weight=0, per_minute=each, minutes=0)


def _beyond(distance: float) -> Iterator[Scenario]:
    """Those of them that two labels can be; from one half on, one label would be all there is."""
    for name, times in BEYOND.items():
        if times * distance <= MOST_BEYOND:
            yield _answering(name, WORSE, two_labels(), two_labels(times * distance))


def _answering(name: str, kind: str, before: Answers, after: Answers) -> Scenario:
    """The answers alone differ: nothing fails, and both sides are slow alike."""
    stable = Behaviour(errors=0.0, slow=SLOW, answers=before)
    return Scenario(name, kind, stable, replace(stable, answers=after))
