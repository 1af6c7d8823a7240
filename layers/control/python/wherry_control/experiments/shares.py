"""
Who moves when shares change: exactly as many buckets as must, and no other.

An arm that shrinks gives up the last of its buckets, an arm that grows takes what was given up, and
nobody else is touched. So the buckets that move are half the sum of all changes (the total
variation distance of the two splits), which is the least that any rule could do. The same change of
the same ranges always gives the same ranges.
"""

from collections.abc import Iterable, Mapping

from wherry.experiments.spec import BUCKETS

Ranges = tuple[tuple[int, int], ...]  # half-open, ascending, apart


def reshared(before: Mapping[str, Ranges], widths: Mapping[str, int]) -> dict[str, Ranges]:
    """
    The buckets of each arm of `widths`, which sum to BUCKETS, as near to `before` as can be.

    Without `before`, arms stand one after another. A change adds at most as many ranges as there
    are arms, since each of them is cut once.
    """
    kept = {arm: _first(before.get(arm, ()), width) for arm, width in widths.items()}
    free = _apart(each for ranges in kept.values() for each in ranges)
    told = {}
    for arm, width in widths.items():
        taken = _first(free, width - size(kept[arm]))
        free = _without(free, size(taken))
        told[arm] = _merged((*kept[arm], *taken))
    return told


def size(ranges: Iterable[tuple[int, int]]) -> int:
    """How many buckets."""
    return sum(end - begin for begin, end in ranges)


def moved(before: Mapping[str, Ranges], after: Mapping[str, Ranges]) -> int:
    """How many buckets have another arm, or one where they had none."""
    stay = 0
    for arm, ranges in after.items():
        for begin, end in ranges:
            stay += sum(max(0, min(end, e) - max(begin, b)) for b, e in before.get(arm, ()))
    return BUCKETS - stay


def _first(ranges: Ranges, width: int) -> Ranges:
    """The first `width` buckets of them, or all where there are fewer."""
    told = []
    for begin, end in ranges:
        if width <= 0:
            break
        told.append((begin, min(end, begin + width)))
        width -= end - begin
    return tuple(told)


def _without(ranges: Ranges, width: int) -> Ranges:
    """All but the first `width` buckets of them."""
    told = []
    for begin, end in ranges:
        if end - begin > width:
            told.append((begin + width, end))
        width = max(0, width - (end - begin))
    return tuple(told)


def _apart(taken: Iterable[tuple[int, int]]) -> Ranges:
    """The buckets that are in none of `taken`."""
    told, at = [], 0
    for begin, end in sorted(taken):
        if begin > at:
            told.append((at, begin))
        at = end
    if at < BUCKETS:
        told.append((at, BUCKETS))
    return tuple(told)


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    told: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if told and told[-1][1] == begin:
            told[-1] = (told[-1][0], end)
        else:
            told.append((begin, end))
    return tuple(told)
