"""An ONNX file becomes one of the house's: its batch, its names and its answers."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from models.preparation.sources.batch import fixed_rows
from models.preparation.sources.graphs import number
from models.preparation.sources.names import plain_names
from models.preparation.sources.onnx_files import opened
from models.preparation.sources.options import Options
from models.preparation.sources.running import runner
from tests.functional.sources.networks.contract import EXACT, keeps_the_contract
from tests.functional.sources.networks.small_graphs import ROWS, model, node, written
from tests.support.onnx_models import spec
from wherry.errors import ConfigurationError, UnsafeError

W = np.linspace(-1, 1, 12).reshape(4, 3).astype(np.float32)
CLASSIFIES = Options(task="classification")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "given.onnx"


@pytest.mark.parametrize("rows", [1, 2])
def test_a_fixed_batch_is_opened_where_rows_are_apart(file: Path, rows: int) -> None:
    flattened = [node("Reshape", ["x", "size"], "h"), node("MatMul", ["h", "w"], "y")]
    given = model(*flattened, rows=rows, size=np.array([rows, 4]))

    keeps_the_contract(opened(written(file, given), CLASSIFIES), {"x": ROWS}, EXACT)


def test_a_fixed_batch_that_rows_share_is_refused_with_what_to_do(file: Path) -> None:
    mixing = [node("MatMul", ["x", "w"], "h"), node("ReduceMean", ["h", "axes"], "m"),
              node("Sub", ["h", "m"], "y")]  # fmt: skip

    with pytest.raises(ConfigurationError, match="it takes just 2 at once") as refused:
        opened(written(file, model(*mixing, rows=2, axes=np.array([0]))), CLASSIFIES)

    assert "dynamic_axes" in refused.value.todo


def test_inputs_without_rows_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="x has no rows"):
        fixed_rows([spec("x", "FP32", ())])
    with pytest.raises(ConfigurationError, match="the inputs have 1 and 2 rows"):
        fixed_rows([spec("x", "FP32", (1, 4)), spec("z", "FP32", (2, 4))])


def test_columns_get_the_label_of_the_largest(file: Path) -> None:
    options = Options(task="classification", labels=("a", "b", "c"))

    source = opened(written(file, model()), options)

    keeps_the_contract(source, {"x": ROWS}, EXACT)
    told = source.answer({"x": ROWS})
    assert told["label"].tolist() == ["abc"[each] for each in told["probabilities"].argmax(axis=1)]


def test_one_column_of_a_linear_step_is_a_logit(file: Path) -> None:
    source = opened(written(file, model(width=1)), CLASSIFIES)

    keeps_the_contract(source, {"x": ROWS}, EXACT)
    told = source.answer({"x": ROWS})
    assert_array_equal(told["probabilities"][:, 0], np.zeros(5, np.float32))
    assert_array_equal(told["label"], (told["probabilities"][:, 1] > 0).astype(np.int64))


def test_one_column_of_another_step_is_not_guessed(file: Path) -> None:
    given = model(node("MatMul", ["x", "w"], "h"), node("Abs", ["h"], "y"), width=1)

    with pytest.raises(ConfigurationError, match="one column, made by Abs") as refused:
        opened(written(file, given), CLASSIFIES)

    assert "sigmoid" in refused.value.todo


def test_what_nobody_says_is_asked_for(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing tells what y") as refused:
        opened(written(file, model()), Options())

    assert "Declare the task" in refused.value.todo


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (Options(task="classification", labels=("a", "b")), "2 are declared, and the network"),
        (Options(task="regression", inputs=(spec("z", "FP64", (-1, 4)),)), "z FP64"),
        (Options(task="regression", inputs=(spec("z", "FP32", (-1, 5)),)), "z FP32"),
    ],
)
def test_what_is_declared_may_not_contradict_the_file(
    file: Path, options: Options, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        opened(written(file, model()), options)


def test_declared_inputs_give_the_names(file: Path) -> None:
    options = Options(task="regression", inputs=(spec("features", "FP32", (-1, 4)),))

    source = opened(written(file, model()), options)

    keeps_the_contract(source, {"features": ROWS}, EXACT)


def test_names_inside_do_not_clash_with_the_answers(file: Path) -> None:
    given = model(
        node("MatMul", ["x", "w"], "probabilities"),
        node("Neg", ["probabilities"], "answers_0_cast"),
        node("Neg", ["answers_0_cast"], "y"),
    )

    keeps_the_contract(opened(written(file, given), CLASSIFIES), {"x": ROWS}, EXACT)


def test_odd_names_become_plain_and_no_two_alike() -> None:
    told = plain_names(["serving:0", "a/b", "a.b", "9", "label"], avoid=frozenset({"label"}))

    assert told == ["serving", "a_b", "a_b_2", "x9", "label_2"]


def test_what_only_training_needs_is_found_and_told(file: Path) -> None:
    given = model(node("MatMul", ["x", "w"], "h"), node("Dropout", ["h"], "y"))

    source = opened(written(file, given), CLASSIFIES)

    (note,) = source.facts.notes
    assert "1 of Dropout" in note


def test_a_dropout_that_is_on_is_taken_out_so_that_nothing_is_left_to_chance(file: Path) -> None:
    off = model(node("MatMul", ["x", "w"], "h"), node("Identity", ["h"], "y"))
    on = model(
        node("MatMul", ["x", "w"], "h"),
        node("Constant", [], "half", value_float=0.5),
        node("Constant", [], "on", value=onnx.numpy_helper.from_array(np.array(True))),
        node("Dropout", ["h", "half", "on"], "y"),
    )
    wanted = opened(written(file, off), CLASSIFIES).answer({"x": ROWS})

    source = opened(written(file, on), CLASSIFIES)

    keeps_the_contract(source, {"x": ROWS}, EXACT)
    assert_array_equal(source.answer({"x": ROWS})["label"], wanted["label"])
    assert "1 of Dropout" in str(source.facts.notes)


def test_weights_elsewhere_are_refused_with_how_to_make_one_file(file: Path) -> None:
    given = model(w=np.zeros((4, 3), np.float32))
    onnx.save(given, file, save_as_external_data=True, location="weights", size_threshold=0)

    with pytest.raises(UnsafeError, match="weights in other files") as refused:
        opened(file, CLASSIFIES)

    assert "onnx.save(onnx.load" in refused.value.todo


def test_numbered_names_depend_on_the_order_alone() -> None:
    one = model(node("MatMul", ["x", "w"], "h"), node("Neg", ["h"], "y"))
    other = model(node("MatMul", ["x", "z"], "t1"), node("Neg", ["t1"], "y"), w=0, z=W)
    del other.graph.initializer[0]

    for each in (one, other):
        number(each.graph)

    assert one.SerializeToString() == other.SerializeToString()
    assert_allclose(runner(one)([ROWS])[0], -ROWS @ W, rtol=1e-5)
