"""Bytes to an array, and back."""

import numpy as np
import pytest

from tests.support.onnx_models import DATATYPES
from wherry.protocol.binary_tensors import to_array, to_bytes
from wherry.protocol.datatypes import TO_NUMPY


@pytest.mark.parametrize("datatype", [name for name in DATATYPES if name != "BYTES"])
@pytest.mark.parametrize("begin", range(9))
def test_numbers_are_aligned_wherever_their_bytes_lie(datatype: str, begin: int) -> None:
    data = bytes(begin) + bytes([1]) * 4 * TO_NUMPY[datatype].itemsize

    array = to_array("x", memoryview(data)[begin:], datatype, (2, 2))

    assert array.flags.aligned
    assert array.tobytes() == data[begin:]


def test_numbers_that_lie_well_are_not_copied() -> None:
    data = bytes(32)

    array = to_array("x", memoryview(data), "FP32", (8,))

    assert np.shares_memory(array, np.frombuffer(data, np.float32))


def test_numbers_are_little_endian_and_row_by_row() -> None:
    array = to_array("x", memoryview(b"\1\0\2\0\3\0\0\1"), "UINT16", (2, 2))

    assert array.tolist() == [[1, 2], [3, 256]]


def test_an_array_that_lies_in_pieces_is_written_row_by_row() -> None:
    array = np.arange(6, dtype=np.uint8).reshape(2, 3).T

    assert b"".join(to_bytes(array)) == bytes([0, 3, 1, 4, 2, 5])


def test_every_second_number_is_written_alone() -> None:
    array = np.arange(6, dtype="<u2")[::2]

    assert b"".join(to_bytes(array)) == b"\0\0\2\0\4\0"


def test_texts_are_written_with_their_lengths() -> None:
    array = np.array([["", "é"]], object)

    assert b"".join(to_bytes(array)) == b"\0\0\0\0\2\0\0\0\xc3\xa9"
