"""What parity finds in a graph: thresholds of trees, and nodes that belong to training."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from models.preparation.parity.train_only import find, remove
from models.preparation.parity.trees import threshold_rows, trees_of

FLOAT = TensorProto.FLOAT


def stump_on_stump() -> Any:
    """x0 <= 2.5 → (x1 <= 0.25 → 1, 2), else 3."""
    tree = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["prediction"], domain="ai.onnx.ml", n_targets=1,
        nodes_treeids=[0] * 5, nodes_nodeids=[0, 1, 2, 3, 4], nodes_featureids=[0, 1, 0, 0, 0],
        nodes_values=[2.5, 0.25, 0.0, 0.0, 0.0],
        nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF"],
        nodes_truenodeids=[1, 2, 0, 0, 0], nodes_falsenodeids=[4, 3, 0, 0, 0],
        target_treeids=[0] * 3, target_nodeids=[2, 3, 4], target_ids=[0] * 3,
        target_weights=[1.0, 2.0, 3.0],
    )  # fmt: skip
    return a_model([tree], [])


def a_model(nodes: list[Any], constants: list[Any]) -> Any:
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("features", FLOAT, [None, 2])],
        [helper.make_tensor_value_info("prediction", FLOAT, [None, None])],
        constants,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def test_each_row_is_led_to_its_node_and_stands_on_the_threshold_and_beside_it() -> None:
    """Even from a row that would go the other way at the root."""
    trees, hidden = trees_of(stump_on_stump())
    base = {"features": np.array([[9.0, 9.0]], np.float32)}

    rows, whole = threshold_rows(trees, base, 1000, np.random.default_rng(0))

    below, above = (np.nextafter(np.float32(0.25), np.float32(end)) for end in (-1, 1))
    assert (hidden, whole) == (0, 6)
    assert rows["features"][3:, 0].tolist() == [2.5] * 3
    assert rows["features"][3:, 1].tolist() == [below, 0.25, above]


def test_many_thresholds_are_drawn_from_and_the_whole_is_told() -> None:
    """The cap holds, and says of how many."""
    trees, _ = trees_of(stump_on_stump())
    base = {"features": np.zeros((4, 2), np.float32)}

    rows, whole = threshold_rows(trees, base, 3, np.random.default_rng(0))

    assert (len(rows["features"]), whole) == (3, 6)


def test_trees_behind_a_scaler_are_counted_and_not_taken_for_the_clients_columns() -> None:
    """Their thresholds are of other numbers than those that are sent."""
    model = stump_on_stump()
    model.graph.node[0].input[0] = "scaled"
    scale = numpy_helper.from_array(np.asarray(2, np.float32), "two")
    model.graph.initializer.append(scale)
    model.graph.node.insert(0, helper.make_node("Mul", ["features", "two"], ["scaled"]))

    assert trees_of(model) == ([], 1)


def with_training(*, last: bool) -> bytes:
    """A Dropout that drops half, and a BatchNormalization that goes by the batch."""
    rate, on = np.float32(0.5), np.bool_(True)
    ones, zeros = np.ones(2, np.float32), np.zeros(2, np.float32)
    values = {"rate": rate, "on": on, "scale": ones, "bias": zeros, "mean": ones, "var": ones}
    constants = [numpy_helper.from_array(np.asarray(v), name) for name, v in values.items()]
    batch = helper.make_node(
        "BatchNormalization", ["features", "scale", "bias", "mean", "var"],
        ["normal", "new_mean", "new_var"], training_mode=1,
    )  # fmt: skip
    drop = helper.make_node("Dropout", ["normal", "rate", "on"], ["prediction" if last else "kept"])
    tail = [] if last else [helper.make_node("Neg", ["kept"], ["prediction"])]
    data: bytes = a_model([batch, drop, *tail], constants).SerializeToString()
    return data


@pytest.mark.parametrize("last", [True, False])
def test_nodes_of_training_are_found_and_removed_exactly(last: bool) -> None:  # noqa: FBT001
    """What is left uses what was learnt, drops nothing, and answers what inference means."""
    model = with_training(last=last)
    rows = np.array([[1, 2], [3, 5]], np.float32)

    cleaned = remove(model)
    (told,) = ReferenceEvaluator(onnx.load_from_string(cleaned)).run(None, {"features": rows})

    assert len(find(model)) == 2
    assert find(cleaned) == []
    wanted = (rows - 1) / np.sqrt(1 + 1e-5)
    assert np.allclose(told, wanted if last else -wanted, atol=1e-6)
    assert remove(cleaned) == cleaned


def test_random_numbers_are_found_and_left() -> None:
    """There is no exact way to do without them."""
    noise = helper.make_node("RandomUniformLike", ["features"], ["prediction"])
    model: bytes = a_model([noise], []).SerializeToString()

    assert find(model) == ["1 of RandomUniformLike, which draws random numbers"]
    assert find(remove(model)) == find(model)
