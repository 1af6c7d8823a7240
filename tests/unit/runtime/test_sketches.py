"""What a line tells of the rows of a request: enough to compare two releases, and no more."""

from collections import Counter
from typing import Any

import msgspec
import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.onnx_models import identity, spec
from tests.support.plain_models import classifier, of_images
from tests.support.sketches import sketcher, texts, told
from wherry.manifest import Baselines, Feature
from wherry.sketch.bins import number_bin
from wherry.sketch.sketcher import Sketcher


def labelled(labels: tuple[str, ...] = ("no", "yes")) -> Sketcher:
    outputs = [spec("label", "BYTES"), spec("probabilities", "FP32", (-1, len(labels)))]
    return sketcher([spec("x")], outputs, labels=labels, task="classification")


def test_every_column_counts_every_row_once() -> None:
    maker = Sketcher(classifier().manifest)
    x = np.array([[1, 2], [3, 4], [3, 0]], np.float32)
    y = {"label": texts("yes", "yes", "no"), "probabilities": np.full((3, 2), 0.5, np.float32)}

    found = told(maker, {"features": x}, y)

    assert found["rows"] == 3
    assert found["inputs"] == {
        "size, in cm": {"+0": 1, "+6": 2}, "weight": {"+4": 1, "+8": 1, "0": 1},
    }  # fmt: skip
    assert found["outputs"] == {"label": {"yes": 2, "no": 1}, "probabilities": {"p5": 3}}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(width=32), min_size=1, max_size=12),
    st.lists(st.floats(width=32), min_size=1, max_size=12),
)
def test_the_sketches_of_two_requests_add_up_to_that_of_both(
    one: list[float], other: list[float]
) -> None:
    maker = sketcher([spec("x", "FP64")])

    def of(values: list[float]) -> dict[str, Any]:
        return told(maker, {"x": np.array(values)}, {"y": np.array(values)})

    first, second, both = of(one), of(other), of(one + other)

    assert first["rows"] + second["rows"] == both["rows"]
    for part, name in (("inputs", "x"), ("outputs", "y")):
        assert Counter(first[part][name]) + Counter(second[part][name]) == both[part][name]
        assert both[part][name] == Counter(map(number_bin, one + other))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.integers(0, 2**32 - 1))
def test_of_many_rows_some_are_counted_and_the_one_picked_is_paired(rows: int, pick: int) -> None:
    x = np.arange(1, rows + 1, dtype=np.float64)

    found = told(sketcher([spec("x", "FP64")]), {"x": x}, {"y": -x}, pick)

    row = number_bin(pick % rows + 1)
    assert found["pairs"] == {"": {f"|-{row[1:]}": 1}, "x": {f"{row}|-{row[1:]}": 1}}
    assert sum(found["inputs"]["x"].values()) == found["rows"] <= 64
    assert min(rows, 20) <= found["rows"]


def test_an_unknown_label_is_other_and_its_text_is_nowhere() -> None:
    found = told(
        labelled(),
        {"x": np.ones(2)},
        {"label": texts("yes", "Mrs Smith"), "probabilities": np.eye(2)},
        pick=1,
    )

    assert found["outputs"]["label"] == {"yes": 1, "other": 1}
    assert found["pairs"] == {"": {"|other": 1}, "x": {"+0|other": 1}}
    assert b"Smith" not in orjson.dumps(found)


def test_a_text_that_the_model_does_not_know_is_told_by_its_length_alone() -> None:
    columns = [Feature(name="town", categories=("Ely", "Oslo")), Feature(name="remark")]
    maker = sketcher([spec("t", "BYTES", (-1, 2))], features=tuple(columns))
    rows = np.array([["Ely", "abc"], ["Secret", "Secret"], ["", ""]], object)

    found = told(maker, {"t": rows}, {"y": np.ones(3)})

    assert found["inputs"] == {
        "town": {"Ely": 1, "other": 1, "missing": 1}, "remark.length": {"+6": 1, "+10": 1, "0": 1},
    }  # fmt: skip
    assert b"Secret" not in orjson.dumps(found)


def test_a_long_text_without_features_is_told_by_its_length() -> None:
    found = told(
        sketcher([spec("text", "BYTES")]), {"text": texts("word " * 20)}, {"y": np.ones(1)}
    )

    assert found["inputs"] == {"text.length": {"+26": 1}}


def test_without_the_label_the_highest_probability_says_which_it_is() -> None:
    """Clients may ask for some of the outputs: pairs mean the same."""
    shares = np.array([[0.2, 0.8]], np.float32)
    x = {"x": np.ones(1)}
    whole = told(labelled(), x, {"label": texts("yes"), "probabilities": shares})

    assert told(labelled(), x, {"probabilities": shares})["pairs"] == whole["pairs"]
    assert told(labelled(), x, {"label": texts("yes")})["pairs"] == whole["pairs"]
    assert whole["pairs"][""] == {"|yes": 1}


def test_probabilities_tell_more_than_a_number_that_comes_before_them() -> None:
    outputs = [spec("margin"), spec("probabilities", "FP32", (-1, 2))]
    maker = sketcher([spec("x")], outputs, labels=("no", "yes"))
    answers = {"margin": np.ones(1), "probabilities": np.array([[0.9, 0.1]])}

    assert told(maker, {"x": np.ones(1)}, answers)["pairs"][""] == {"|no": 1}


def test_of_a_thousand_labels_too_the_highest_tells() -> None:
    names = tuple(f"class {number}" for number in range(1000))
    shares = np.zeros((2, 1000), np.float32)
    shares[0, 999] = shares[1, 3] = 0.75

    found = told(labelled(names), {"x": np.ones(2)}, {"probabilities": shares})

    assert found["outputs"] == {"probabilities": {"p7": 2}}
    assert found["pairs"][""] == {"|class 999": 1}


def test_several_numbers_are_paired_by_their_mean() -> None:
    maker = sketcher([spec("x")], [spec("first", "FP32", (-1, 2)), spec("second")])

    found = told(maker, {"x": np.ones(1)}, {"second": np.ones(1), "first": np.array([[1, 3]])})

    assert found["outputs"] == {"first.0": {"+0": 1}, "first.1": {"+6": 1}, "second": {"+0": 1}}
    assert found["pairs"][""] == {"|+4": 1}


def test_an_image_is_told_by_its_mean_and_spread() -> None:
    maker = sketcher([spec("image", "UINT8", (-1, 3, 224, 224))])
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3, 224, 224), np.uint8)

    found = told(maker, {"image": pixels}, {"y": np.ones(2)})

    assert found["inputs"] == {
        "image.mean": {number_bin(127.5): 2}, "image.std": {number_bin(73.9): 2},
    }  # fmt: skip


def test_a_pixel_is_told_only_where_it_is_paired() -> None:
    """Of a small image the pixels would be the image."""
    manifest = of_images().manifest
    chosen = Baselines(rows=1, inputs={}, outputs={}, pairs=("pixels.4",))
    maker = Sketcher(msgspec.structs.replace(manifest, baselines=chosen))

    found = told(maker, {"pixels": np.full((1, 2, 3), 4.0)}, {"mean": np.ones(1)})

    assert found["inputs"].keys() == found["pairs"].keys() - {""} == {
        "pixels.4", "pixels.mean", "pixels.std", "pixels.0",
    }  # fmt: skip


@pytest.mark.parametrize("size", [0, 5])
def test_a_tensor_of_an_open_size_is_told_whatever_its_size_is(size: int) -> None:
    found = told(
        sketcher([spec("x", "FP32", (-1, -1))]), {"x": np.ones((1, size))}, {"y": np.ones(1)}
    )

    assert found["inputs"]["x.mean"] == ({"+0": 1} if size else {"nan": 1})


def test_bf16_is_told_as_the_numbers_that_its_bits_are() -> None:
    maker = Sketcher(identity("BF16").manifest)
    bits = np.array([0x3F80], np.uint16)  # 1.0

    found = told(maker, {"x": bits}, {"y": np.array([1.0], np.float32)})

    assert found["inputs"] == {"x": {"+0": 1}}
    assert found["outputs"] == {"y": {"+0": 1}}


def test_no_rows_leave_no_sketch_and_what_is_no_row_is_left_out() -> None:
    maker = sketcher([spec("x")], [spec("scalar", "FP32", ()), spec("pooled", "FP32", (1, 2))])

    assert maker.sketch({"x": np.ones(0)}, {}, rows=0, pick=0) is None
    found = told(maker, {"x": np.ones(3)}, {"scalar": np.float32(1), "pooled": np.ones((1, 2))})  # type: ignore[dict-item] # as ONNX Runtime gives it
    assert (found["outputs"], found["pairs"]) == ({}, {})
