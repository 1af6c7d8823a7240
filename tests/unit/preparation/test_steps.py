"""What a step's nodes compute, in ONNX Runtime and in ONNX's own reference, is what NumPy does."""

from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from PIL import Image

from models.preparation.convert import pin
from models.preparation.steps.answers import Argmax, LabelMap, Labels, Threshold
from models.preparation.steps.images import Flatten, Resize
from models.preparation.steps.nodes import Nodes
from models.preparation.steps.numbers import Impute, Normalize, OneHot, Scale, Softmax
from wherry.session import Session

Rows = NDArray[Any]
RANDOM = np.random.default_rng(7)
TABLE = RANDOM.normal(0, 3, (50, 4)).astype(np.float32)
CODES = RANDOM.integers(0, 4, (50, 3)).astype(np.float32)
HOLES = np.where(RANDOM.uniform(size=TABLE.shape) < 0.3, np.float32(np.nan), TABLE)
GREY = RANDOM.uniform(0, 255, (5, 9, 12)).astype(np.float32)
COLOUR = RANDOM.uniform(0, 255, (5, 9, 12, 3)).astype(np.float32)
PROBABILITIES = RANDOM.dirichlet(np.ones(3), 200).astype(np.float32)
TEXTS: Labels = ["no", "maybe", "yes"]
WHOLE: Labels = [0, 7, 8]


def model_of(nodes: Nodes, x: onnx.ValueInfoProto, last: str) -> bytes:
    nodes.name("Identity", last, output="y")
    y = onnx.ValueInfoProto(name="y")
    graph = onnx.helper.make_graph(nodes.nodes, "steps", [x], [y], nodes.initializers)
    model = onnx.helper.make_model(graph)
    pin(model)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(inferred, full_check=True)
    data: bytes = inferred.SerializeToString()
    return data


def value(name: str, rows: Rows) -> onnx.ValueInfoProto:
    text = rows.dtype.kind in "OU"
    element = 8 if text else onnx.helper.np_dtype_to_tensor_dtype(rows.dtype)
    return onnx.helper.make_tensor_value_info(name, element, [None, *rows.shape[1:]])


def both(model: bytes, rows: Rows) -> tuple[Rows, Rows]:
    """What ONNX Runtime, and what the reference, makes of these rows."""
    (ran,) = Session(model, threads=1).run(["y"], {"x": rows})
    (told,) = ReferenceEvaluator(onnx.load_from_string(model)).run(None, {"x": rows})
    return ran, np.asarray(told)


@pytest.mark.parametrize(
    ("step", "rows"),
    [
        (Scale(kind="scale", multiply=2.5, add=-1), TABLE),
        (Scale(kind="scale", multiply=[1, 2, 3, 4]), TABLE),
        (Scale(kind="scale", add=[10, 20, 30]), COLOUR),
        (Normalize(kind="normalize", mean=[1, 2, 3, 4], std=[0.5, 1, 2, 4]), TABLE),
        (Normalize(kind="normalize", mean=[124, 116, 104], std=58), COLOUR),
        (Impute(kind="impute", value=0.5), HOLES),
        (Impute(kind="impute", value=[1, 2, 3, 4]), HOLES),
        (OneHot(kind="one_hot", column=0, categories=[0, 1, 2, 3]), CODES),
        (OneHot(kind="one_hot", column=1, categories=[3, 1]), CODES),
        (OneHot(kind="one_hot", column=2, categories=[2]), CODES),
        (Resize(kind="resize", height=4, width=5), GREY),
        (Resize(kind="resize", height=4, width=5), COLOUR),
        (Resize(kind="resize", height=20, width=30), COLOUR),
        (Resize(kind="resize", height=3, width=30), GREY),
        (Resize(kind="resize", height=4, width=5, mode="nearest"), COLOUR),
        (Resize(kind="resize", height=20, width=7, mode="nearest"), GREY),
        (Flatten(kind="flatten"), COLOUR),
        (Softmax(kind="softmax"), TABLE * 30),
    ],
    ids=repr,
)
def test_a_step_on_numbers_folded_is_the_step_in_numpy(step: Any, rows: Rows) -> None:
    nodes = Nodes("pre")
    last = step.build(nodes, "x")

    wanted = step.apply(rows)

    for told in both(model_of(nodes, value("x", rows), last), rows):
        assert told.dtype == np.float32
        assert told.shape == wanted.shape
        np.testing.assert_allclose(told, wanted, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("labels", [TEXTS, WHOLE], ids=["texts", "whole"])
@pytest.mark.parametrize("at", [0.1, 0.3, 0.9, None])
def test_a_decision_folded_is_the_decision_in_numpy(labels: list[Any], at: float | None) -> None:
    step = Argmax(kind="argmax") if at is None else Threshold(kind="threshold", of=labels[1], at=at)
    nodes = Nodes("post")
    last = step.build(nodes, "x", labels)

    wanted = step.decide(PROBABILITIES, labels)

    for told in both(model_of(nodes, value("x", PROBABILITIES), last), PROBABILITIES):
        assert told.tolist() == wanted.tolist()


@pytest.mark.parametrize("labels", [TEXTS, WHOLE], ids=["texts", "whole"])
@pytest.mark.parametrize("names", [["a", "b", "c"], [3, 1, 2]], ids=["texts", "whole"])
def test_a_label_map_folded_is_the_map_in_numpy(labels: list[Any], names: list[Any]) -> None:
    step = LabelMap(kind="label_map", names=dict(zip(map(str, labels), names, strict=True)))
    rows = np.asarray(labels * 3, object if isinstance(labels[0], str) else np.int64)
    nodes = Nodes("post")
    last = step.build(nodes, "x", labels)

    for told in both(model_of(nodes, value("x", rows), last), rows):
        assert told.tolist() == step.rename(rows, labels).tolist() == names * 3


def test_a_probability_that_should_be_the_threshold_counts_as_it() -> None:
    """0.3 as the mean of ten trees is a little more or less in float32 than in float64."""
    probabilities = np.array([[0.7, np.nextafter(np.float32(0.3), np.float32(0))]], np.float32)

    step = Threshold(kind="threshold", of="yes", at=0.3)

    assert step.decide(probabilities, ["no", "yes"]).tolist() == ["yes"]
    nodes = Nodes("post")
    last = step.build(nodes, "x", ["no", "yes"])
    for told in both(model_of(nodes, value("x", probabilities), last), probabilities):
        assert told.tolist() == ["yes"]


def test_a_threshold_that_is_not_reached_leaves_the_likeliest_of_the_others() -> None:
    step = Threshold(kind="threshold", of="yes", at=0.9)

    assert step.decide(np.array([[0.1, 0.2, 0.7]]), TEXTS).tolist() == ["maybe"]


@pytest.mark.parametrize("size", [(4, 5), (20, 30), (9, 12), (1, 1)])
def test_resize_blends_as_pillow_does(size: tuple[int, int]) -> None:
    wanted = Image.fromarray(GREY[0]).resize(size[::-1], Image.Resampling.BILINEAR)

    told = Resize(kind="resize", height=size[0], width=size[1]).apply(GREY[:1])

    np.testing.assert_allclose(told[0], np.asarray(wanted), atol=1e-3)
