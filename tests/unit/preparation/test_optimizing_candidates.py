"""Each way to make a model faster or smaller, on graphs made by hand: what it does, when not."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from models.preparation.optimizing.catalogue import VARIANTS
from models.preparation.optimizing.making import apply
from models.preparation.optimizing.variant import read
from models.preparation.sources.graphs import attributes
from models.preparation.sources.source import Values
from tests.support.onnx_models import onnx_model, spec
from wherry.errors import ConfigurationError
from wherry.session import Session

RANDOM = np.random.default_rng(7)
ROWS = {"x": RANDOM.normal(size=(40, 8)).astype(np.float32)}
TREES = 10


def dense(*between: onnx.NodeProto) -> bytes:
    """Two layers, and whatever stands between `hidden` and `inner`."""
    nodes = [
        helper.make_node("Gemm", ["x", "first", "bias"], ["hidden"]),
        *(between or [helper.make_node("Relu", ["hidden"], ["inner"])]),
        helper.make_node("MatMul", ["inner", "second"], ["y"]),
    ]
    constants = {
        "first": RANDOM.normal(size=(8, 32)).astype(np.float32),
        "bias": RANDOM.normal(size=32).astype(np.float32),
        "second": RANDOM.normal(size=(32, 3)).astype(np.float32),
    }
    inputs, outputs = [spec("x", "FP32", (-1, 8))], [spec("y", "FP32", (-1, 3))]
    return onnx_model(nodes, inputs, outputs, constants).SerializeToString()


def forest(weights: list[float], **more: Any) -> bytes:
    """Trees of one leaf each: a vote is added, whatever the row."""
    count = len(weights)
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["x"],
        ["y"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=list(range(count)),
        nodes_nodeids=[0] * count,
        nodes_featureids=[0] * count,
        nodes_values=[0.0] * count,
        nodes_modes=["LEAF"] * count,
        nodes_truenodeids=[0] * count,
        nodes_falsenodeids=[0] * count,
        target_treeids=list(range(count)),
        target_nodeids=[0] * count,
        target_ids=[0] * count,
        target_weights=weights,
        **more,
    )
    model = onnx_model([node], [spec("x", "FP32", (-1, 8))], [spec("y", "FP32", (-1, 1))])
    model.opset_import.add(domain="ai.onnx.ml", version=3)
    return model.SerializeToString()


def answer(model: bytes, rows: Values = ROWS) -> np.ndarray:
    [told] = Session(model, threads=1).run(["y"], rows)
    return told


def operators(model: bytes) -> set[str]:
    return {node.op_type for node in onnx.load_from_string(model).graph.node}


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("dynamic_int8", 0.05),
        ("dynamic_int8_channel", 0.05),
        ("static_int8", 0.1),
        ("static_int8_entropy", 0.5),
        ("fp16", 0.005),
    ],
)
def test_the_same_model_and_rows_give_the_same_bytes_and_nearly_the_same_answers(
    name: str, limit: float
) -> None:
    """CI makes a variant again without measuring: it must be the very one."""
    model = dense()
    made = apply(name, model, ROWS)

    assert apply(name, model, ROWS) == made
    assert len(made) < len(model) + 4000
    away = np.abs(answer(made) - answer(model)).max() / np.abs(answer(model)).max()
    assert 0 < away < limit


def test_int8_is_made_of_the_layers() -> None:
    """Weights are whole numbers then."""
    assert {"MatMulInteger", "DynamicQuantizeLinear"} <= operators(
        apply("dynamic_int8", dense(), {})
    )
    assert {"QuantizeLinear", "DequantizeLinear"} <= operators(apply("static_int8", dense(), ROWS))


def test_it_reads_and_answers_fp32_with_fp16_inside() -> None:
    """A client sees no difference of type."""
    made = apply("fp16", dense(), {})

    assert Session(made, threads=1).inputs == {"x": "FP32"}
    assert answer(made).dtype == np.float32
    kinds = {each.data_type for each in onnx.load_from_string(made).graph.initializer}
    assert kinds == {onnx.TensorProto.FLOAT16}


@pytest.mark.parametrize("name", ["dynamic_int8", "static_int8", "fp16"])
def test_trees_have_nothing_that_fewer_bits_help(name: str) -> None:
    """ONNX Runtime's own tool would raise, of a domain that it cannot find."""
    with pytest.raises(ConfigurationError, match="no operator that"):
        apply(name, forest([0.1] * TREES), ROWS)


def test_static_ranges_need_learnt_rows() -> None:
    """Held-out rows would be judged by what they had a part in."""
    with pytest.raises(ConfigurationError, match="there are no learnt rows"):
        apply("static_int8", dense(), {})


def test_a_forest_of_fewer_trees_is_their_mean() -> None:
    """Ten trees vote 0 to 9; the first five vote 0 to 4, each twice as much."""
    model = forest([vote / TREES for vote in range(TREES)])
    made = apply("half_of_trees", model, {})

    assert answer(model)[0, 0] == pytest.approx(4.5)
    assert answer(made)[0, 0] == pytest.approx(2.0)
    [node] = onnx.load_from_string(made).graph.node
    assert set(attributes(node)["nodes_treeids"]) == set(range(5))
    assert len(attributes(node)["nodes_modes"]) == 5


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (forest([0.1] * TREES, base_values=[1.0]), "correct one another"),
        (forest([0.1] * TREES, post_transform="LOGISTIC"), "correct one another"),
        (forest([0.5] * 2), "2 trees are too few to cut"),
        (dense(), "it is no forest"),
    ],
)
def test_what_is_no_forest_is_not_cut(model: bytes, reason: str) -> None:
    """Of boosted trees the first alone are no model."""
    with pytest.raises(ConfigurationError, match=reason):
        apply("half_of_trees", model, {})


def test_dropout_is_taken_out_and_changes_no_answer() -> None:
    """Whoever read it reads what it read."""
    model = dense(helper.make_node("Dropout", ["hidden"], ["inner"]))
    made = apply("no_dropout", model, {})

    assert "Dropout" not in operators(made)
    assert answer(made).tolist() == answer(model).tolist()
    with pytest.raises(ConfigurationError, match="nothing that only training needs"):
        apply("no_dropout", made, {})


def test_constants_are_worked_out_once() -> None:
    """One and one is two, before anybody asks."""
    model = dense(
        helper.make_node("Add", ["bias", "bias"], ["twice"]),
        helper.make_node("Add", ["hidden", "twice"], ["inner"]),
    )
    made = apply("folded", model, {})

    assert len(onnx.load_from_string(made).graph.node) < 4
    assert answer(made).tolist() == answer(model).tolist()
    with pytest.raises(ConfigurationError, match="there is nothing to fold"):
        apply("folded", dense(), {})


def test_shapes_that_an_exporter_wrote_down_are_not_believed() -> None:
    """PyTorch's contradict what a quantised graph has, and its tool stops at them."""
    model = onnx.load_from_string(dense())
    model.graph.value_info.append(
        helper.make_tensor_value_info("hidden", onnx.TensorProto.FLOAT, [1, 99])
    )

    assert not read(model.SerializeToString()).graph.value_info
    assert operators(apply("static_int8", model.SerializeToString(), ROWS))


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_every_variant_says_what_it_is(name: str) -> None:
    """In a table of 80 columns and a page."""
    assert 0 < len(VARIANTS[name].what) < 45
    assert len(name) <= len("dynamic_int8_channel")


def test_an_unknown_variant_is_refused_with_those_there_are() -> None:
    """A word in model.toml may be misspelt."""
    with pytest.raises(ConfigurationError) as refused:
        apply("static_int9", dense(), ROWS)

    assert "static_int8" in refused.value.todo
