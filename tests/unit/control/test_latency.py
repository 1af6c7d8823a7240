"""Latencies from bins: never told too small, and too large by less than a fifth."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from wherry.sketch.bins import number_bin
from wherry_control.evidence.latency import quantile

TIMES = st.lists(st.floats(0.01, 20_000), min_size=1, max_size=60)


@given(TIMES, st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_the_upper_bound_of_its_bin(times: list[float], share: float) -> None:
    ranked = sorted(times)
    exact = ranked[min(len(times) - 1, max(0, -int(-share * len(times)) - 1))]

    told = quantile(Counter(map(number_bin, times)), share)

    assert told is not None
    assert told >= exact * (1 - 1e-9)
    assert told <= max(ranked[min(len(times) - 1, int(share * len(times)))], exact) * 2**0.25 * (
        1 + 1e-9
    )


def test_there_is_no_quantile_of_nothing() -> None:
    assert quantile({}, 0.5) is None
