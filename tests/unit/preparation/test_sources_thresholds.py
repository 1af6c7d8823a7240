"""Thresholds of trees as float32: every row goes the way that the double sends it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.preparation.sources.thresholds import floor32

THRESHOLDS = st.floats(allow_nan=False, width=64)


@given(THRESHOLDS, st.floats(width=32))
def test_a_float32_goes_the_same_way(threshold: float, x: float) -> None:
    """`x <= t` is asked of float32 numbers alone; NaN is never less."""
    rounded = floor32(np.array([threshold]))[0]

    assert (x <= threshold) == bool(np.float32(x) <= rounded)


@given(THRESHOLDS)
def test_its_neighbours_go_the_same_way(threshold: float) -> None:
    """Those rows that rounding to the nearest sends wrong."""
    rounded = floor32(np.array([threshold]))[0]
    for side in (-np.inf, np.inf):
        with np.errstate(over="ignore"):
            x = np.nextafter(rounded, np.float32(side))

        assert (float(x) <= threshold) == bool(x <= rounded)


def test_what_is_a_float32_stays() -> None:
    """Infinities and NaN too."""
    told = np.array([0.5, -np.inf, np.inf, np.nan, 0.0])

    assert np.array_equal(floor32(told), told.astype(np.float32), equal_nan=True)
