"""What an ONNX file may ask for is judged before anything runs it."""

import os
from pathlib import Path
from typing import Any

import pytest
from onnx import TensorProto, helper

from models.preparation.untrusted.onnx_constants import known_bytes
from models.preparation.untrusted.onnx_files import checked
from tests.support import hostile_onnx
from wherry.errors import UnsafeError


@pytest.mark.parametrize("what", hostile_onnx.HOSTILE)
def test_a_hostile_model_is_refused_with_its_reason(what: str) -> None:
    """Each in one line, and all but a few say what to do."""
    makes, told = hostile_onnx.HOSTILE[what]

    with pytest.raises(UnsafeError) as caught:
        checked(makes().SerializeToString())

    assert told in caught.value.what


@pytest.mark.parametrize(
    "data", [b"", b"\x80\x04.", b"PK\x03\x04" + bytes(40), b"location", b"\xff" * 99]
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    """Whatever the bytes are, the error is ours."""
    with pytest.raises(UnsafeError):
        checked(data)


def test_what_is_nested_beyond_parsing_is_refused() -> None:
    """Two hundred graphs in each other: the parser gives up, and it is told as ours."""
    with pytest.raises(UnsafeError, match="nested too deeply"):
        checked(hostile_onnx.beyond_parsing())


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_link_beside_it_changes_nothing(
    link: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime would follow a hard link in the current folder; the file is never looked for."""
    (tmp_path / "secret").write_bytes(bytes(12))
    link(tmp_path / "secret", tmp_path / "w.bin")  # type: ignore[operator] # either of them
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnsafeError, match="other files"):
        checked(hostile_onnx.HOSTILE["weights beside it"][0]().SerializeToString())


def test_a_model_of_everyday_passes() -> None:
    """And so does one whose size is only known when it runs: a limited child is for that."""
    checked(hostile_onnx.good().SerializeToString())
    checked(hostile_onnx.computed().SerializeToString())


def _floats(name: str, *values: float) -> Any:
    return helper.make_tensor(name, TensorProto.DOUBLE, [len(values)], values)


@pytest.mark.parametrize(
    ("op", "given"),
    [
        ("Range", (_floats("a", -1e308), _floats("b", 1e308), _floats("c", 1e-300))),
        ("Pad", (_floats("a", 1.0), _floats("b", float("nan"), float("inf")))),
    ],
)
def test_numbers_that_are_none_do_not_stop_the_check(op: str, given: tuple[Any, ...]) -> None:
    """What they would come to is not known, and left to the limited child."""
    node = helper.make_node(op, [each.name for each in given], ["y"])

    checked(hostile_onnx.model([node], given).SerializeToString())


def test_a_tensor_with_a_size_below_zero_is_not_unfolded() -> None:
    """Its size says little, and its bytes are many: as Python's numbers they would be more."""
    tensor = helper.make_tensor("s", TensorProto.INT64, [1 << 16], bytes(8 << 16), raw=True)
    tensor.dims[0] = -1
    graph = hostile_onnx.good().graph
    graph.initializer.append(tensor)
    known: dict[str, list[float]] = {}

    known_bytes(graph, known)

    assert not known
