"""
Mixing: the mean of several e-values is one, so nobody has to know the best bet beforehand.

An e-process is what a bettor owns who starts with one coin and bets against a claim at fair odds.
If the claim is true, the chance that he ever owns 1/alpha coins is at most alpha (Ville, 1939),
however often one looks. All evidence of the judge is the logarithm of such a fortune.
"""

from collections.abc import Sequence
from math import exp, log

# Stakes in units of weight * (1 - weight): the best one is harm / share of requests that are hits.
STAKES = (0.06, 0.25, 1.0, 4.0)
MOST = 0.95  # of what could be lost at most, so that nobody is ever ruined


def log_mean(logs: Sequence[float]) -> float:
    """The logarithm of the mean of what `logs` are the logarithms of."""
    top = max(logs)
    return top + log(sum([exp(each - top) for each in logs]) / len(logs))


def stakes(weight: float, loss: float) -> list[float]:
    """How much to bet on each request, if one coin of stake can lose at most `loss` > 0."""
    scale, most = weight * (1.0 - weight), MOST / loss
    return [min(each * scale, most) for each in STAKES]
