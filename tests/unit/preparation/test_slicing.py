"""A graph cut at tensors: its parts give the very bits of the whole, or the cut is refused."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, load_from_string

from models.preparation.slicing.graph import Parts, clean_cuts, cut
from tests.support.onnx_models import onnx_model, spec
from wherry.errors import UsageError
from wherry.session import Session

WIDTH = 3
ONE = ("Tanh", "Exp", "Abs", "Neg", "Sigmoid")
TWO = ("Add", "Mul", "Sub")
X, Y = [spec("x", "FP32", (-1, WIDTH))], [spec("y", "FP32", (-1, WIDTH))]


def node(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> NodeProto:
    return helper.make_node(operator, list(inputs), [output], **attributes)


def graph(*nodes: NodeProto, **constants: Any) -> bytes:
    return bytes(onnx_model(nodes, X, Y, constants).SerializeToString())


def run(model: bytes, outputs: Sequence[str], **feeds: NDArray[Any]) -> list[NDArray[Any]]:
    return Session(model, threads=1, optimized=True).run(outputs, feeds)


@st.composite
def graphs(draw: st.DrawFn) -> bytes:
    """Any graph of small steps after a first one: each takes what was made before, or weights."""
    made, nodes = ["weights", "t0"], [node("Tanh", ["x"], "t0")]
    for number in range(1, draw(st.integers(2, 12))):
        operator = draw(st.sampled_from([*ONE, *TWO]))
        others = [draw(st.sampled_from(made[-4:]))] if operator in TWO else []
        nodes.append(node(operator, [made[-1], *others], f"t{number}"))
        made.append(f"t{number}")
    nodes.append(node("Sum", made[-2:], "y"))
    return graph(*nodes, weights=np.linspace(-1, 1, WIDTH, dtype=np.float32))


def widened(model: bytes, at: list[str]) -> tuple[list[str], Parts]:
    """The cut at `at`, and at what a refusal says crosses it too."""
    while True:
        try:
            return at, cut(model, at)
        except UsageError as refused:
            more = refused.what.removesuffix(" crosses too")
            at = [*at, *more.split(", ")]


@settings(deadline=None, max_examples=60)
@given(graphs(), st.data())
def test_the_parts_of_any_graph_give_the_bits_of_the_whole(
    model: bytes, data: st.DataObject
) -> None:
    tensors = [each.output[0] for each in load_from_string(model).graph.node]
    rows = np.linspace(-1, 1, 2 * WIDTH, dtype=np.float32).reshape(2, WIDTH)

    at, parts = widened(model, [data.draw(st.sampled_from(tensors[:-1]))])

    between = run(parts.head, at, x=rows)
    (told,) = run(parts.tail, ["y"], **dict(zip(at, between, strict=True)))
    assert told.tobytes() == run(model, ["y"], x=rows)[0].tobytes()


@settings(deadline=None, max_examples=25)
@given(graphs())
def test_where_it_is_said_that_a_graph_can_be_cut_it_can(model: bytes) -> None:
    assert "t0" in clean_cuts(model)
    for name in clean_cuts(model):
        assert cut(model, [name]).between[0].name == name


CHAIN = graph(
    node("Mul", ["x", "w"], "a"), node("Tanh", ["a"], "b"), node("Add", ["b", "w"], "y"),
    w=np.float32(0.3),
)  # fmt: skip
BRIDGE = graph(node("Exp", ["x"], "a"), node("Tanh", ["a"], "b"), node("Add", ["a", "b"], "y"))


@pytest.mark.parametrize("at", ["a", "b"])
def test_each_tensor_of_a_chain_cuts_it(at: str) -> None:
    rows = np.random.default_rng(0).normal(size=(50, WIDTH)).astype(np.float32)

    parts = cut(CHAIN, [at])

    (between,) = run(parts.head, [at], x=rows)
    (told,) = run(parts.tail, ["y"], **{at: between})
    assert told.tobytes() == run(CHAIN, ["y"], x=rows)[0].tobytes()
    assert [(each.name, each.datatype, each.shape) for each in parts.between] == [
        (at, "FP32", (-1, WIDTH))
    ]


def test_weights_go_to_the_parts_that_need_them() -> None:
    parts = cut(graph(
        node("Mul", ["x", "one"], "a"), node("Add", ["a", "two"], "y"),
        one=np.float32(1), two=np.float32(2),
    ), ["a"])  # fmt: skip

    names = [[each.name for each in load_from_string(part).graph.initializer] for part in parts[:2]]
    assert names == [["one"], ["two"]]


def test_where_it_can_be_cut_is_told_in_order() -> None:
    assert clean_cuts(CHAIN) == ("a", "b")
    assert clean_cuts(BRIDGE) == ("a",)


def test_what_crosses_a_cut_is_named_with_where_it_could_be() -> None:
    with pytest.raises(UsageError, match=": a crosses too") as refused:
        cut(BRIDGE, ["b"])

    assert refused.value.todo == "Tensors that cut cleanly by themselves: a."


def test_a_cut_at_all_that_crosses_is_clean() -> None:
    rows = np.ones((2, WIDTH), np.float32)

    parts = cut(BRIDGE, ["a", "b"])

    a, b = run(parts.head, ["a", "b"], x=rows)
    assert run(parts.tail, ["y"], a=a, b=b)[0].tobytes() == run(BRIDGE, ["y"], x=rows)[0].tobytes()


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (["x"], "x is an end of the whole"),
        (["y"], "y is an end of the whole"),
        (["z"], "there is no tensor 'z'"),
        (["w"], "there is no tensor 'w' that depends on an input"),
    ],
)
def test_an_end_or_a_weight_is_no_place_to_cut(at: Sequence[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        cut(CHAIN, at)


def test_what_was_sent_may_not_be_needed_after_the_cut() -> None:
    model = graph(node("Exp", ["x"], "a"), node("Add", ["a", "x"], "y"))

    with pytest.raises(UsageError, match="x crosses too"):
        cut(model, ["a"])


def test_a_tensor_that_leads_nowhere_is_no_place_to_cut() -> None:
    model = graph(node("Exp", ["x"], "a"), node("Neg", ["a"], "idle"), node("Abs", ["a"], "y"))

    with pytest.raises(UsageError, match=r"nothing needs \['idle'\]"):
        cut(model, ["a", "idle"])


def test_what_a_branch_inside_of_a_node_takes_counts_too() -> None:
    def branch(operator: str) -> Any:
        out = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
        return helper.make_graph([node(operator, ["a"], "out")], operator, [], [out])

    model = graph(
        node("Exp", ["x"], "a"),
        node("Neg", ["a"], "b"),
        node("ReduceMax", ["b"], "top", keepdims=0),
        node("Greater", ["top", "zero"], "up"),
        helper.make_node(
            "If", ["up"], ["y"], then_branch=branch("Tanh"), else_branch=branch("Neg")
        ),
        zero=np.float32(0),
    )

    with pytest.raises(UsageError, match="a crosses too"):
        cut(model, ["up"])
    assert cut(model, ["a"]).between[0].name == "a"


def test_a_cut_keeps_the_versions_of_the_whole() -> None:
    whole = load_from_string(CHAIN)

    for part in cut(CHAIN, ["a"])[:2]:
        told = load_from_string(part)
        assert told.ir_version == whole.ir_version
        assert list(told.opset_import) == list(whole.opset_import)
