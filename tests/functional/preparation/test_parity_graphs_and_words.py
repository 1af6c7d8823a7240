"""Parity of models made by hand, and of words: batches, nodes of training, unseen text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from models.preparation.convert import pin
from models.preparation.parity import prove
from models.preparation.parity.gates import Gates
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.source import Facts
from wherry.errors import ParityError
from wherry.manifest import TensorSpec

Rows = NDArray[Any]
LINEAR = Gates.of("linear")
DOUBLED = Facts(
    estimator="Doubled", task="regression", family="network",
    inputs=(TensorSpec("features", "FP32", (-1, 2)),),
    outputs=(TensorSpec("prediction", "FP32", (-1, 2)),),
)  # fmt: skip


@dataclass
class Doubled:
    """A source that answers twice what it is asked, row by row."""

    facts: Facts = DOUBLED

    def convert(self) -> bytes:
        raise NotImplementedError

    def answer(self, feeds: Mapping[str, Rows]) -> dict[str, Rows]:
        return {"prediction": 2 * feeds["features"]}


def a_graph(nodes: list[Any]) -> bytes:
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(np.asarray(0, np.int64), "zero"),
         numpy_helper.from_array(np.asarray([0], np.int64), "axis")],
    )  # fmt: skip
    model = helper.make_model(graph)
    pin(model)
    data: bytes = model.SerializeToString()
    return data


def test_a_model_that_mixes_the_rows_of_a_batch_is_refused() -> None:
    """Together it answers as the trained one does; alone it does not."""
    size = helper.make_node("Shape", ["features"], ["shape"])
    rows = helper.make_node("Gather", ["shape", "zero"], ["rows"], axis=0)
    one = helper.make_node("Sign", ["rows"], ["one"])
    more = helper.make_node("Greater", ["rows", "one"], ["more"])
    factor = helper.make_node("Cast", ["more"], ["factor"], to=TensorProto.FLOAT)
    added = helper.make_node("Mul", ["features", "factor"], ["added"])
    whole = helper.make_node("Add", ["features", "added"], ["prediction"])
    model = a_graph([size, rows, one, more, factor, added, whole])

    with pytest.raises(ParityError, match="batches: 16 of 16 rows are answered otherwise alone"):
        prove(Doubled(), model, {"features": np.ones((20, 2))}, gates=Gates.of("network"))


def test_a_faithful_network_passes_and_nodes_of_training_are_told() -> None:
    """Dropout that infers nothing is no difference, and yet it is named."""
    double = helper.make_node("Add", ["features", "features"], ["sum"])
    drop = helper.make_node("Dropout", ["sum"], ["prediction"])

    told = prove(
        Doubled(),
        a_graph([double, drop]),
        {"features": np.ones((20, 2))},
        gates=Gates.of("network"),
    )

    assert told.train_only == ("1 of Dropout, which infers nothing",)


def test_unseen_text_that_is_taken_for_a_known_one_is_refused_with_what_to_do() -> None:
    """The trained encoder ignores it, so the converted one must."""
    frame = pd.DataFrame({"size": ["small", "large"] * 20, "weight": np.arange(40.0)})
    columns = ColumnTransformer(
        [("words", OneHotEncoder(handle_unknown="ignore"), ["size"])], remainder="passthrough"
    )
    pipeline = make_pipeline(columns, LogisticRegression())
    words = EstimatorSource(pipeline.fit(frame, np.tile(["a", "b"], 20)))
    feeds = {name: frame[[name]].to_numpy() for name in frame}
    feeds["size"] = feeds["size"].astype(object)
    model = onnx.load_from_string(words.convert())
    for node in model.graph.node:
        for each in node.attribute:
            if node.op_type == "LabelEncoder" and each.name == "default_int64":
                each.i = 0

    told = prove(words, words.convert(), feeds, gates=LINEAR)

    assert {"known categories", "unseen categories"} <= {each.name for each in told.sets}
    with pytest.raises(ParityError, match="unseen categories row") as caught:
        prove(words, model.SerializeToString(), feeds, gates=LINEAR)
    assert "handle_unknown" in caught.value.todo
