"""Arrays between a parent and its child."""

import os
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import pytest

from models.preparation.sources.crossing import (
    MOST_BYTES,
    read_arrays,
    read_model,
    write_arrays,
)
from wherry.errors import UnsafeError


def test_arrays_come_back_by_any_name(tmp_path: Path) -> None:
    """Also those that NumPy's own files, or file systems, have a use for."""
    told = {
        "file": np.arange(6, dtype=np.float32).reshape(2, 3),
        "../up/and away": np.array([True, False]),
        "": np.zeros((0, 4), np.int64),
    }
    names = write_arrays(tmp_path / "a.npz", told)
    back = read_arrays(tmp_path / "a.npz", names)

    assert list(back) == list(told)
    for name, array in told.items():
        assert back[name].dtype == array.dtype
        assert np.array_equal(back[name], array)


def test_text_comes_back_as_pythons(tmp_path: Path) -> None:
    """Empty ones, and none at all."""
    told = {"a": np.array([["é"], [""]], dtype=object), "b": np.empty((0, 1), object)}
    back = read_arrays(tmp_path / "a.npz", write_arrays(tmp_path / "a.npz", told))

    assert back["a"].tolist() == [["é"], [""]]
    assert back["a"].dtype == object
    assert back["b"].shape == (0, 1)


def _npy(shape: str, data: bytes = b"", dtype: str = "<f8") -> bytes:
    """A file of NumPy's whose header tells what it likes."""
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


def _zipped(compression: int = ZIP_STORED, **members: bytes) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w", compression) as packed:
        for name, data in members.items():
            packed.writestr(f"{name}.npy", data)
    return held.getvalue()


def _of_objects() -> bytes:
    held = BytesIO()
    np.savez(held, np.array([{"any": "object"}], dtype=object), allow_pickle=True)
    return held.getvalue()


ODD = {
    "a pickle": _of_objects(),
    "no zip": b"PK\x03\x04 and no more",
    "nothing": b"",
    "no such array": _zipped(arr_7=_npy("(1,)", bytes(8))),
    "no header": _zipped(arr_0=b"\x93NUMPY"),
    "a bomb": _zipped(ZIP_DEFLATED, arr_0=_npy("(1048576,)", bytes(8 << 20))),
    "8 TB by its header": _zipped(arr_0=_npy("(1099511627776,)")),
    "more sizes than a number": _zipped(arr_0=_npy(str((1 << 62,) * 9))),
    "a size below zero": _zipped(arr_0=_npy("(-1,)", bytes(8))),
    "two sizes below zero": _zipped(arr_0=_npy("(-1, -1)", bytes(8))),
    "half an array": _zipped(arr_0=_npy("(2,)", bytes(8))),
    "fields": _zipped(arr_0=_npy("(1,)", bytes(8), "|V8")),
    "dates": _zipped(arr_0=_npy("(1,)", bytes(8), "<M8[s]")),
    "text that is none": _zipped(arr_0=_npy("(1,)", b"\xff" * 4, "<U1")),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_no_child_of_ours_writes_is_refused(odd: str, tmp_path: Path) -> None:
    """One that was taken over can leave anything; nothing is loaded, and no memory is taken."""
    (tmp_path / "a.npz").write_bytes(ODD[odd])

    with pytest.raises(UnsafeError, match=r"left as a\.npz is not taken"):
        read_arrays(tmp_path / "a.npz", ["a"])


def test_a_link_is_not_followed_and_a_folder_is_no_file(tmp_path: Path) -> None:
    """This process may read what the child may not, and must not wait for it."""
    (tmp_path / "secret").write_text("key")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name in ("link", "folder", "pipe", "absent"):
        with pytest.raises(UnsafeError, match="no plain file"):
            read_model(tmp_path / name)
        with pytest.raises(UnsafeError, match="no plain file"):
            read_arrays(tmp_path / name, [])


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    """It costs no disk: nothing but its length is there."""
    with (tmp_path / "model").open("wb") as file:
        file.truncate(MOST_BYTES + 1)

    with pytest.raises(UnsafeError, match="more than 2147483647 bytes"):
        read_model(tmp_path / "model")
