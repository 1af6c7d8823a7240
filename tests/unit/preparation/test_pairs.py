"""Which columns a sketch pairs with the answer: those that tell most of it, by their bins."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.preparation.cards.baselines import baselines
from models.preparation.cards.pairs import information, telling
from wherry.manifest import Feature

ROWS = 2000
RNG = np.random.default_rng(5)
CLASSES = RNG.integers(0, 3, ROWS)
LABELS = ("0", "1", "2")


def test_a_column_that_tells_the_class_comes_before_those_that_tell_less() -> None:
    """Noise in many bins looks as telling as noise in few: not at all."""
    half = np.where(RNG.random(ROWS) < 0.5, CLASSES, 1)
    noise, coin = RNG.lognormal(0, 9, ROWS), RNG.integers(0, 2, ROWS)
    rows = np.stack([noise, coin, half, coin, noise, CLASSES], 1).astype(np.float32)
    features = [Feature(name=name) for name in ("noise", "coin", "half", "coin2", "n2", "class")]

    told = telling({"x": rows}, {"label": CLASSES}, features=features, labels=LABELS)

    assert told[:2] == ("class", "half")
    assert len(told) == 4


def test_what_two_columns_share_is_told_in_nats() -> None:
    """Of itself a fair coin tells all of its ln 2; the correction is one degree in twice 1,000."""
    coin = ["a", "b"] * 500

    assert information(coin, coin) == pytest.approx(log(2) + 1 / 2000)
    assert information(coin, ["x"] * 1000) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999))
def test_what_tells_nothing_has_next_to_no_information(seed: int) -> None:
    """Uncorrected, 30 bins beside 3 would seem to tell 0.03 of 1,000 rows."""
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 30, 1000), rng.integers(0, 3, 1000)

    assert abs(information([*map(str, one)], [*map(str, other)])) < 0.025


def test_texts_and_the_spread_of_an_image_count_as_a_sketch_names_them() -> None:
    town = np.where(CLASSES == 1, "Ely", "Oslo").astype(object)[:, None]
    pixels = RNG.random((ROWS, 8, 8, 3)) + CLASSES[:, None, None, None]
    features = [Feature(name="town", categories=("Ely", "Oslo"))]

    told = telling(
        {"town": town, "image": pixels}, {"label": CLASSES}, features=features, labels=LABELS
    )

    assert told == ("image.mean", "town", "image.std")


def test_without_labels_the_first_output_s_number_is_what_is_told() -> None:
    x = RNG.lognormal(0, 2, (ROWS, 3))

    told = telling({"x": x}, {"y": x[:, 1] * 2}, features=[], labels=())

    assert told[0] == "x.1"


def test_the_baselines_have_them_and_without_an_answer_none() -> None:
    x = {"x": np.eye(3, dtype=np.float32)}

    assert baselines(x, {"y": np.arange(3.0)}, features=[]).pairs == ("x.0", "x.1", "x.2")
    assert baselines(x, {}, features=[]).pairs == ()
    assert baselines(x, {"all": np.ones(1)}, features=[]).pairs == ()
