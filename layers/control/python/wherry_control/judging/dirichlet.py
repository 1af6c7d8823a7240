"""
The sequential multinomial test (Lindon & Malek, "Anytime-Valid Inference For Multinomial Count
Data", NeurIPS 2022) with its own conjugate prior, for as many categories as there are.
"""

from collections.abc import Sequence
from math import lgamma, log


def multinomial_evidence(
    counts: Sequence[int], shares: Sequence[float], concentration: float
) -> float:
    """
    Log e-value against "each count fell to its category with the chance `shares`", above 0, sum 1.

    `concentration` is the prior's weight, in counts: the more, the smaller the differences that it
    looks for.
    """
    told = lgamma(concentration) - lgamma(concentration + sum(counts))
    for count, share in zip(counts, shares, strict=True):
        weight = concentration * share
        told += lgamma(weight + count) - lgamma(weight) - count * log(share)
    return told
