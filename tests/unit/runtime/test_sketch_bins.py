"""Bins are one for every machine and model: each number is in one, and their order is its order."""

import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.sketch import bin_range, number_bin
from wherry.sketch.bins import LONGEST, known_bins, probability_bin, text_bin

NUMBERS = st.floats(allow_nan=False)


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (0.0, "0"), (-0.0, "0"), (math.nan, "nan"), (math.inf, "+inf"), (-math.inf, "-inf"),
        (1.0, "+0"), (0.999, "+-1"), (1.19, "+1"), (-3.0, "-6"), (2.0**15, "+60"),
        (2.0**16, "+64"), (1e300, "+64"), (2.0**-16, "+-64"), (5e-324, "+-64"), (-1e-9, "--64"),
        (True, "+0"), (2**64 - 1, "+64"),
    ],
)  # fmt: skip
def test_a_number_is_in_the_quarter_of_its_octave(x: float, told: str) -> None:
    assert number_bin(x) == told


@settings(max_examples=50, deadline=None)
@given(NUMBERS)
def test_the_range_of_a_bin_holds_the_number_that_it_was_made_of(x: float) -> None:
    low, high = bin_range(number_bin(x))

    assert low <= x <= high
    if 2.0**-15.75 <= abs(x) < 2.0**16:  # the lowest bin reaches down to zero
        near, far = sorted((abs(low), abs(high)))
        assert near <= abs(x) < far
        assert far / near == pytest.approx(2**0.25)


@settings(max_examples=50, deadline=None)
@given(NUMBERS, NUMBERS)
def test_a_larger_number_is_in_no_lower_bin(x: float, y: float) -> None:
    one, other = bin_range(number_bin(min(x, y))), bin_range(number_bin(max(x, y)))

    assert one == other or one[1] <= other[0]


@settings(max_examples=50, deadline=None)
@given(NUMBERS)
def test_a_negative_number_mirrors_a_positive_one(x: float) -> None:
    low, high = bin_range(number_bin(x))

    assert bin_range(number_bin(-x)) == (-high, -low)


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (0.0, "p0"), (0.0999, "p0"), (0.1, "p1"), (0.95, "p9"), (1.0, "p9"), (1.0000001, "p9"),
        (-1e-9, "p0"), (-2.0, "-4"), (7.0, "+11"), (math.nan, "nan"),
    ],
)  # fmt: skip
def test_a_probability_is_in_its_tenth_and_a_score_where_its_number_is(x: float, told: str) -> None:
    assert probability_bin(x) == told


def test_the_range_of_a_probability_is_its_tenth() -> None:
    assert bin_range("p3") == (0.3, 0.4)


@pytest.mark.parametrize("told", ["", "setosa", "+65", "+", "1", "+ 3", "p10", "+-65", "+1.0"])
def test_what_is_no_bin_of_numbers_has_no_range(told: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        bin_range(told)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=99))
def test_a_bin_of_a_text_breaks_no_form_and_is_never_long(text: str) -> None:
    told = text_bin(text)

    assert 0 < len(told.encode()) <= LONGEST
    assert told.isprintable()
    assert not set('|"\\') & set(told)


def test_texts_that_are_cut_stay_apart() -> None:
    long = [f"{'a' * 80}{number}" for number in range(9)]

    assert len({*map(text_bin, [*long, "a|b", "a_b"])}) == 11


def test_a_label_is_known_by_its_text_and_by_the_number_that_it_is() -> None:
    assert known_bins(["0", "7", "-2", "07", "a"]) == {
        "0": "0", 0: "0", "7": "7", 7: "7", "-2": "-2", -2: "-2", "07": "07", "a": "a",
    }  # fmt: skip
    assert known_bins(["False", "True"])[True] == "True"


def test_who_reads_bins_needs_no_numpy() -> None:
    """The roll-up is a small function: `wherry.sketch` brings nothing but Python."""
    code = (
        "import sys, wherry.sketch; sys.exit(bool({'numpy', 'msgspec', 'orjson'} & {*sys.modules}))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
