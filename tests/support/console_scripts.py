"""
Two rollouts as scripts: what both releases do, minute by minute, and what the judge says of it.

`GOOD` answers like stable and is promoted. `SWAPPED` calls two classes by each other's name, with
no error, and is rolled back. Counts are drawn with a fixed seed, in the bins that releases use.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from wherry.sketch.bins import number_bin
from wherry_control.evidence.counts import MODEL, TIMEOUT, Counts
from wherry_control.judging.verdicts import (
    FINE,
    INCONCLUSIVE,
    OPEN,
    PROMOTE,
    ROLL_BACK,
    WORSE,
    Judgement,
    Reading,
)
from wherry_control.rollouts.plan import Plan, Step

if TYPE_CHECKING:
    from wherry_control.judging.verdicts import Finding

PLAN = Plan(steps=tuple(Step(weight=each, requests=100, minutes=3) for each in (1, 5, 25, 50)))
A_MINUTE = 600  # requests
SLOW = 40  # ms
THRESHOLD = 5.3  # a natural logarithm, as the judge's is
LABELS = ("setosa", "versicolor", "virginica")
USUAL = (0.5, 0.35, 0.15)


@dataclass(frozen=True)
class Script:
    """`shares` are the labels'; `harm` is by metric what the evidence grows by in a minute."""

    shares: tuple[float, float, float]
    harm: Mapping[str, float]
    median: float = 11.0


GOOD = Script(USUAL, {"errors": 0.06, "slow": 0.04, "outputs": 0.05, "platform": 0.0}, median=9.0)
SWAPPED = Script((0.5, 0.15, 0.35), {"errors": 0.05, "slow": 0.03, "outputs": 0.9, "platform": 0.0})


def minute_of(random: Random, requests: int, shares: tuple[float, ...], median: float) -> Counts:
    """One minute of one release; a few requests in a thousand fail, whoever answers."""
    times = [random.lognormvariate(0, 0.45) * median for _ in range(requests)]
    labels = Counter(random.choices(LABELS, shares, k=requests))
    failed = {MODEL: sum(random.random() < 0.004 for _ in range(requests))}
    late = {TIMEOUT: 1} if random.random() < requests / 20_000 else {}
    return Counts(
        requests=requests,
        slow=sum(each > SLOW for each in times),
        errors={kind: number for kind, number in {**failed, **late}.items() if number},
        latency=Counter(map(number_bin, times)),
        outputs={
            "label": labels,
            "confidence": Counter(f"p{random.choice('5677888999')}" for _ in range(requests)),
        },
    )


def judged(script: Script, minutes: int, requests: int, *, last: bool) -> Judgement:
    """What the judge says after so many minutes of a rollout, and requests of the candidate."""
    readings = tuple(_reading(each, script.harm[each] * minutes, requests) for each in script.harm)
    if harmful := [each for each in readings if each.finding == WORSE]:
        return Judgement(ROLL_BACK, harmful[0].told, readings)
    if last:
        return Judgement(PROMOTE, "every metric is proven to be within its margin", readings)
    return Judgement(INCONCLUSIVE, "no harm is proven, and not all of it ruled out", readings)


def _reading(metric: str, evidence: float, requests: int) -> Reading:
    margin = {"errors": 0.01, "slow": 0.05, "outputs": 0.1}.get(metric)
    width = 0.5 / max(1.0, requests**0.5)
    middle = 0.24 if evidence > 2 else 0.001
    words = {
        "errors": f"errors: candidate 4 of {requests} (0.4 %), stable 4 of 1,000 (0.4 %)",
        "slow": f"slow requests: candidate 3 of {requests} (0.3 %), stable 4 of 1,000 (0.4 %)",
        "outputs": f"outputs: answers differ by {100 * middle:.3g} %, allowed 10 %",
        "platform": f"platform errors: candidate 0 of {requests} (0 %), stable 0 of 1,000 (0 %)",
    }
    finding: Finding = OPEN if margin and middle + width > margin else FINE
    low, high = (middle - width, middle + width) if margin else (None, None)
    if evidence >= THRESHOLD:
        finding = WORSE
    return Reading(metric, finding, evidence, THRESHOLD, margin, low, high, words[metric])
