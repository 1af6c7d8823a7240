"""How long requests took, from the counts of their bins."""

from collections.abc import Mapping

from wherry.sketch.bins import bin_range


def quantile(bins: Mapping[str, int], share: float) -> float | None:
    """
    The upper bound, in milliseconds, of the bin in which that share of the requests ended.

    So it is never too small, and too large by less than a fifth (a bin is a quarter of an octave).
    None of none.
    """
    ranked = sorted((bin_range(name)[1], count) for name, count in bins.items())
    left = share * sum(bins.values())
    for most, count in ranked:
        left -= count
        if left <= 0:
            return most
    return None
