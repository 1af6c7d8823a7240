"""Differences between two models' answers, and the gates that judge them."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.preparation.parity.certificate import Compared, binned
from models.preparation.parity.compare import differences
from models.preparation.parity.gates import GateKeys, Gates
from models.preparation.sources.source import Family
from wherry.errors import ParityError

TREES, NETWORK = Gates.of("trees"), Gates.of("network")


def answers(label: list[Any], probabilities: list[list[float]]) -> dict[str, NDArray[Any]]:
    return {"label": np.asarray(label), "probabilities": np.asarray(probabilities)}


def test_another_label_is_a_flip_and_a_number_beyond_the_gate_is_over() -> None:
    """Both are counted, and the flipped row is the worst, whatever its error."""
    wanted = answers(["a", "b", "a"], [[0.9, 0.1], [0.1, 0.9], [0.6, 0.4]])
    found = answers(["a", "b", "b"], [[0.9, 0.1], [0.3, 0.7], [0.599999, 0.4]])

    told = differences(wanted, found, TREES)

    assert told.flipped.tolist() == [False, False, True]
    assert told.over.tolist() == [False, True, False]
    assert told.worst_first().tolist() == [2, 1, 0]
    assert Compared.made(told).class_flip_rate == pytest.approx(1 / 3)


@pytest.mark.parametrize(("gates", "margin", "tie"), [
    (TREES, 1e-7, True), (TREES, 1e-4, False), (NETWORK, 1e-4, True), (NETWORK, 1e-2, False),
])  # fmt: skip
def test_a_label_may_differ_on_a_tie_alone(gates: Gates, margin: float, tie: bool) -> None:  # noqa: FBT001
    """A tie is as wide as the family's numbers may be off, and it is told apart from a flip."""
    numbers = [[0.5 + margin / 2, 0.5 - margin / 2]]

    told = Compared.made(differences(answers([0], numbers), answers([1], numbers), gates))

    assert (told.ties, told.flips) == (int(tie), int(not tie))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_same_answer_that_is_not_finite_is_no_difference(value: float) -> None:
    """NaN agrees with NaN, and with nothing else."""
    wanted = {"prediction": np.array([[value], [1.0]])}

    told = differences(wanted, {"prediction": np.array([[value], [value]])}, TREES)

    assert told.error.tolist() == [0, np.inf]
    assert told.over.tolist() == [False, True]


def test_numbers_above_one_are_judged_in_proportion() -> None:
    """Of a prediction of a million, five are within one part in a hundred thousand."""
    wanted = {"prediction": np.array([[1e6], [1e6], [0.5]])}
    found = {"prediction": np.array([[1e6 + 5], [1e6 + 50], [0.5 + 5e-5]])}

    assert differences(wanted, found, TREES).over.tolist() == [False, True, True]


def test_scores_are_judged_by_the_largest_of_their_row() -> None:
    """They are held against each other, so a small one is as coarse as the row's largest."""
    wanted = {"label": np.array([1]), "scores": np.array([[0.01, 300.0]])}
    found = {"label": np.array([1]), "scores": np.array([[0.0105, 300.0]])}

    assert not differences(wanted, found, TREES).wrong.any()


def test_whole_numbers_and_text_are_the_same_or_not() -> None:
    """The text "1" is not the number 1."""
    one = {"label": np.asarray(["1"], object)}

    assert differences(one, {"label": np.array([1])}, TREES).flipped.all()
    assert not differences(one, {"label": np.array(["1"])}, TREES).flipped.any()


def test_a_missing_output_and_another_shape_are_told() -> None:
    """There is nothing to compare, so it is an error with the output's name."""
    wanted = {"prediction": np.zeros((2, 1))}

    with pytest.raises(ParityError, match=r"prediction: .* has no such output; it has other"):
        differences(wanted, {"other": np.zeros((2, 1))}, TREES)
    with pytest.raises(ParityError, match=r"answers \[2, 3\], the trained one \[2, 1\]"):
        differences(wanted, {"prediction": np.zeros((2, 3))}, TREES)


@pytest.mark.parametrize(("family", "atol", "rtol"), [
    ("trees", 1e-5, 0), ("linear", 1e-5, 0), ("other", 1e-5, 0), ("network", 1e-5, 1e-3),
])  # fmt: skip
def test_each_family_has_its_gate(family: Family, atol: float, rtol: float) -> None:
    """Every label, and numbers as near as such models can be converted."""
    gates = Gates.of(family)

    assert (gates.atol, gates.rtol, gates.label_agreement) == (atol, rtol, 1.0)


def test_what_prepare_says_wins_over_the_family() -> None:
    """Each key on its own."""
    keys = GateKeys(tolerance=1e-3, label_agreement=0.99)

    assert Gates.of("network", keys) == Gates(atol=1e-3, rtol=1e-3, label_agreement=0.99)


def test_a_share_of_wrong_rows_passes_where_the_gate_lets_it() -> None:
    """One of a hundred is within 99 %, and not within 99.5 %."""
    wanted = {"label": np.arange(100)}
    found = {"label": np.where(np.arange(100) == 7, 0, np.arange(100))}
    told = Compared.made(differences(wanted, found, TREES))

    assert told.within(Gates(label_agreement=0.99))
    assert not told.within(Gates(label_agreement=0.995))


def test_errors_are_counted_by_powers_of_ten() -> None:
    """A bin holds what is up to its number; the last one all that is more."""
    counts = {each.upto: each.rows for each in binned(np.array([0.0, 1e-9, 2e-9, 0.05, 7.0]))}

    assert (counts[0.0], counts[1e-9], counts[1e-8], counts[1e-1], counts[None]) == (1, 1, 1, 1, 1)
