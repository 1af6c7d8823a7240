"""What every source of networks promises, as one function."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.testing import assert_allclose, assert_array_equal

from models.preparation.sources.source import Source
from wherry.session import Session

NETWORKS = (1e-3, 1e-5)  # rtol, atol
EXACT = (1e-6, 1e-6)
PATHS = [str(Path(__file__).parents[4] / each) for each in (".", "layers/runtime/python")]
HERE = Path(__file__).parent


def keeps_the_contract(
    source: Source, feeds: Mapping[str, Any], within: tuple[float, float] = NETWORKS
) -> onnx.ModelProto:
    """Facts, graph and answers agree, for all rows, one, and none; the graph is pinned."""
    data, facts = source.convert(), source.facts
    session, model = Session(data, threads=1), onnx.load_from_string(data)
    assert session.inputs == {each.name: each.datatype for each in facts.inputs}
    assert session.outputs == {each.name: each.datatype for each in facts.outputs}
    assert all(each.shape[0] == -1 for each in (*facts.inputs, *facts.outputs))
    rows = len(next(iter(feeds.values())))
    for count in (rows, 1, 0):
        some = {name: array[:count] for name, array in feeds.items()}
        names = list(session.outputs)
        told = dict(zip(names, session.run(names, some), strict=True))
        _agree(told, source.answer(some), within)
    assert data == source.convert()
    assert model.ir_version == 10
    assert {each.domain: each.version for each in model.opset_import}[""] == 18
    assert not model.graph.value_info
    assert not model.metadata_props
    return model


def _agree(told: Mapping[str, Any], wanted: Mapping[str, Any], within: tuple[float, float]) -> None:
    assert told.keys() == wanted.keys()
    for name, array in wanted.items():
        assert told[name].shape == array.shape, name
        if array.dtype.kind == "f":
            assert_allclose(told[name], array, *within, err_msg=name)
        else:
            assert_array_equal(told[name], array, err_msg=name)


def images(rows: int = 5, shape: tuple[int, ...] = (1, 8, 8)) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, *shape)).astype(np.float32)
