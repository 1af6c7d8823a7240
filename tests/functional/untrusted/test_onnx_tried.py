"""An ONNX file answers once in a child, and what it asks for there is bounded."""

import pytest

from models.preparation.untrusted.onnx_tried import tried
from tests.support import hostile_onnx
from wherry.errors import UnsafeError
from wherry.manifest import TensorSpec


def test_a_model_tells_its_tensors() -> None:
    """By the protocol's datatypes; a size that varies is -1."""
    told = tried(hostile_onnx.good().SerializeToString())

    assert told.inputs == (TensorSpec("x", "FP32", (-1, 3)),)
    assert told.outputs == (TensorSpec("y", "FP32", (-1, 3)),)


def test_a_small_model_that_asks_for_12_gb_ends_at_its_bound() -> None:
    """Its bytes look harmless, its session starts; the run is what costs."""
    data = hostile_onnx.computed().SerializeToString()
    assert len(data) < 120

    with pytest.raises(UnsafeError, match="more than 4 GiB of memory"):
        tried(data)


@pytest.mark.parametrize("what", ["weights above it", "functions"])
def test_what_is_refused_is_refused_in_the_child(what: str) -> None:
    """The parent does not parse it; the error comes from the child as it is."""
    makes, told = hostile_onnx.HOSTILE[what]

    with pytest.raises(UnsafeError, match=told):
        tried(makes().SerializeToString())


def test_a_model_that_cannot_be_run_says_why() -> None:
    """The checker's own sentence, or ONNX Runtime's, in one line."""
    broken = hostile_onnx.good()
    broken.graph.node[0].op_type = "NoSuchStep"

    with pytest.raises(UnsafeError, match="NoSuchStep") as caught:
        tried(broken.SerializeToString())
    assert "\n" not in str(caught.value)
