"""Arrays between a parent and its child."""

from pathlib import Path

import numpy as np
import pytest

from models.preparation.sources.crossing import read_arrays, write_arrays


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


def test_a_pickle_in_the_answer_is_not_loaded(tmp_path: Path) -> None:
    """A child could leave one."""
    np.savez(tmp_path / "a.npz", np.array([{"any": "object"}], dtype=object), allow_pickle=True)

    with pytest.raises(ValueError, match="allow_pickle"):
        read_arrays(tmp_path / "a.npz", ["a"])
