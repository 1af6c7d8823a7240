"""Who moves when shares change: exactly who must, told without a word about how it is done."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from wherry.experiments.spec import BUCKETS
from wherry_control.experiments.shares import moved, reshared

ARMS = ("control", "a", "b", "c", "d")


def whole(parts: dict[str, int]) -> dict[str, int]:
    """The parts as widths that sum to all buckets; the control gets what rounding leaves."""
    total = sum(parts.values()) or 1
    widths = {arm: part * BUCKETS // total for arm, part in parts.items() if arm != "control"}
    return {"control": BUCKETS - sum(widths.values()), **widths}


SPLITS = st.dictionaries(st.sampled_from(ARMS), st.integers(0, 100), min_size=1).map(
    lambda parts: whole({"control": 1, **parts})
)


def owners(ranges: dict[str, tuple[tuple[int, int], ...]]) -> list[str]:
    """Bucket by bucket."""
    told = [""] * BUCKETS
    for arm, each in ranges.items():
        for begin, end in each:
            told[begin:end] = [arm] * (end - begin)
    return told


@given(st.lists(SPLITS, min_size=2, max_size=6))
def test_through_any_changes_only_who_must_move_does(splits: list[dict[str, int]]) -> None:
    """Arms come, go, grow and shrink; the least is the total variation distance of the splits."""
    ranges = reshared({}, splits[0])
    for before, after in itertools.pairwise(splits):
        changed = reshared(ranges, after)
        least = sum(max(0, width - after.get(arm, 0)) for arm, width in before.items())
        was, now = owners(ranges), owners(changed)
        assert sum(one != other for one, other in zip(was, now, strict=True)) == least
        assert moved(ranges, changed) == least
        assert {arm: now.count(arm) for arm in after} == after
        ranges = changed


@given(st.lists(SPLITS, min_size=2, max_size=6))
def test_ranges_are_merged_and_few(splits: list[dict[str, int]]) -> None:
    ranges = reshared({}, splits[0])
    for after in splits[1:]:
        changed = reshared(ranges, after)
        for each in changed.values():
            assert all(end < begin for (_, end), (begin, _) in itertools.pairwise(each))
        pieces, arms = sum(map(len, ranges.values())), {*ranges, *changed}
        assert sum(map(len, changed.values())) <= pieces + len(arms)
        assert reshared(changed, after) == changed
        ranges = changed


def test_a_share_that_grows_takes_from_who_shrinks_alone() -> None:
    before = reshared({}, {"control": 5000, "a": 3000, "b": 2000})

    after = reshared(before, {"control": 4000, "a": 3000, "b": 3000})

    assert after["a"] == before["a"]
    assert after["control"] == ((0, 4000),)
    assert after["b"] == ((4000, 5000), (8000, 10_000))


def test_an_arm_that_leaves_and_comes_back_moves_its_own_subjects_only() -> None:
    before = reshared({}, {"control": 9000, "a": 1000})
    without = reshared(before, {"control": 10_000})

    assert moved(before, without) == 1000
    assert reshared(without, {"control": 9000, "a": 1000}) == before
