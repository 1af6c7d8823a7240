"""What an estimator takes is told by what it learnt to encode."""

from typing import Any

import numpy as np
import pytest

from models.preparation.sources.columns import columns_of
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec


class Encoder:
    """As much of a fitted encoder as tells its columns."""

    def __init__(self, *categories: list[Any], names: tuple[str, ...] = ()) -> None:
        self.categories_ = [np.array(each, dtype=object) for each in categories]
        self.n_features_in_ = len(categories)
        if names:
            self.feature_names_in_ = np.array(names, dtype=object)


class Pipeline:
    """Its first step meets the columns."""

    def __init__(self, *steps: Any) -> None:
        self.steps = [(str(number), step) for number, step in enumerate(steps)]
        self.n_features_in_ = steps[0].n_features_in_


def test_numbers_alone_are_one_table() -> None:
    """Whole ones too."""
    (table,) = columns_of(Encoder([1, 2], [0.5, np.nan])).specs()

    assert (table.name, table.datatype, table.shape) == ("features", "FP32", (-1, 2))


def test_a_column_of_texts_sets_all_apart() -> None:
    """Called as they were, each of its own kind; missing ones do not make a number a text."""
    encoder = Encoder(["a", np.nan], [1, 2], [0.5, np.nan], names=("a b", "c", "d"))

    assert columns_of(encoder).specs() == (
        TensorSpec("a b", "BYTES", (-1, 1)),
        TensorSpec("c", "INT64", (-1, 1)),
        TensorSpec("d", "FP32", (-1, 1)),
    )


def test_the_first_step_of_a_pipeline_tells() -> None:
    """What comes after it takes other columns."""
    assert columns_of(Pipeline(Encoder(["a"]), Encoder([1]))).kinds == ("BYTES",)


def test_declared_inputs_win() -> None:
    """A person may know better."""
    declared = (TensorSpec("b", "FP32", (-1, 1)),)

    assert columns_of(Encoder(["x"], [1], names=("a", "b")), declared=declared).kinds == (
        "BYTES",
        "FP32",
    )


@pytest.mark.parametrize("missing", [None, np.nan, ""])
def test_an_empty_text_is_what_was_missing(missing: Any) -> None:
    """None, NaN, or indeed the empty text."""
    columns = columns_of(Encoder(["a", missing]))
    rows = columns.rows({"column_0": np.array([["a"], [""]], dtype=object)})

    told = rows[1, 0]
    assert told == missing or (isinstance(told, float) and np.isnan(told) and missing is not None)


def test_an_estimator_that_does_not_tell_how_many_it_learnt_is_refused() -> None:
    """Unless somebody else knows."""
    with pytest.raises(ConfigurationError, match="how many columns"):
        columns_of(object())

    assert columns_of(object(), 3).kinds == ("FP32",) * 3
