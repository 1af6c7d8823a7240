"""The versions of an ONNX file are brought to the house's, unless that would change answers."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.testing import assert_array_equal
from onnx import TensorProto, helper

from models.preparation.onnx_versions import ACCEPTED, accepted, takes
from models.preparation.sources.onnx_files import opened
from models.preparation.sources.options import Options
from models.preparation.sources.running import runner
from models.preparation.sources.versions import brought
from tests.functional.sources.networks.contract import EXACT, keeps_the_contract
from tests.functional.sources.networks.small_graphs import ROWS, model, node, written
from wherry.errors import ConfigurationError
from wherry.ort import onnxruntime

W = np.linspace(-1, 1, 12).reshape(4, 3).astype(np.float32)
CLASSIFIES = Options(task="classification")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "given.onnx"


def loads(ir: int = 10, opset: int = 18, ml: int = 3) -> bool:
    told = model(ir=ir, opset=opset)
    told.opset_import.add(domain="ai.onnx.ml", version=ml)
    try:
        onnxruntime.InferenceSession(told.SerializeToString())
    except onnxruntime.capi.onnxruntime_pybind11_state.Fail:
        return False
    return True


def test_the_table_says_what_the_pinned_runtime_takes_to_the_version() -> None:
    bounds = ACCEPTED[onnxruntime.__version__]

    assert loads(ir=bounds.ir)
    assert loads(opset=bounds.opset)
    assert loads(ml=bounds.ml)
    assert not loads(ir=bounds.ir + 1)
    assert not loads(opset=bounds.opset + 1)
    assert not loads(ml=bounds.ml + 1)


def test_a_runtime_that_nobody_measured_is_told_of() -> None:
    with pytest.raises(ConfigurationError, match="it is not known which models it takes"):
        accepted("0.1")


@pytest.mark.parametrize(("opset", "ir"), [(9, 4), (13, 7), (17, 8), (18, 10), (22, 10), (28, 14)])
def test_a_model_of_any_version_is_brought_to_the_house_s(file: Path, opset: int, ir: int) -> None:
    given = model(node("MatMul", ["x", "w"], "h"), node("Softmax", ["h"], "y", axis=1),
                  opset=opset, ir=ir)  # fmt: skip

    source = opened(written(file, given), Options())

    keeps_the_contract(source, {"x": ROWS}, EXACT)
    assert takes(onnx.load_from_string(source.convert()), accepted())


def test_where_the_converter_would_change_answers_the_version_stays(file: Path) -> None:
    """Gelu came with opset 20: at 18 there is no such operator."""
    given = model(node("MatMul", ["x", "w"], "h"), node("Gelu", ["h"], "y"), opset=22)

    told = onnx.load_from_string(opened(written(file, given), CLASSIFIES).convert())

    assert [each.version for each in told.opset_import] == [22]
    assert told.ir_version == 10


def test_an_old_softmax_keeps_its_answers(file: Path) -> None:
    """Below opset 13 it flattens; the converter must have written that down."""
    given = model(node("MatMul", ["x", "w"], "h"), node("Softmax", ["h"], "y"), opset=11, ir=6)

    source = opened(written(file, given), Options())

    (wanted,) = runner(given)([ROWS])
    assert_array_equal(source.answer({"x": ROWS})["probabilities"], wanted)
    keeps_the_contract(source, {"x": ROWS}, EXACT)


def test_weights_that_are_listed_as_inputs_are_not_asked_for(file: Path) -> None:
    given = model(opset=9, ir=3)
    given.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [4, 3]))

    keeps_the_contract(opened(written(file, given), CLASSIFIES), {"x": ROWS}, EXACT)


def test_a_conversion_that_answers_otherwise_is_not_taken() -> None:
    given = model(node("MatMul", ["x", "w"], "h"), node("Softmax", ["h"], "y"), opset=11)

    kept = brought(given, lambda arrays: [np.zeros((len(arrays[0]), 3), np.float32)], 3)
    taken = brought(given, runner(given), 3)

    assert [each.version for each in kept.opset_import] == [11]
    assert [each.version for each in taken.opset_import] == [18]
