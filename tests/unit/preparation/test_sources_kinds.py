"""Which kind of file a model is, and where it is opened."""

from pathlib import Path

import pytest

from models.preparation.sources.kinds import Kind, group_of, kind_of, opener_of
from wherry.errors import ConfigurationError

ENDINGS: list[tuple[str, Kind]] = [
    ("m.joblib", "sklearn"),
    ("m.PKL", "sklearn"),
    ("m.pickle", "sklearn"),
    ("m.skops", "sklearn"),
    ("m.sav", "sklearn"),
    ("m.joblib.gz", "sklearn"),
    ("m.pkl.XZ", "sklearn"),
    ("m.ubj", "xgboost"),
    ("m.cbm", "catboost"),
    ("m.pt2", "torch"),
    ("m.keras", "keras"),
    ("m.onnx", "onnx"),
]
STARTS: list[tuple[str, bytes, Kind]] = [
    ("m.json", b'{"learner":{"attributes":{}', "xgboost"),
    ("m.model", b"{L\0\0\0\0\0\0\0\x07learner", "xgboost"),
    ("m.model", b"tree\nversion=v4\n", "lightgbm"),
    ("m.txt", b"tree\r\nversion=v4\r\n", "lightgbm"),
    ("m.bin", b"CBM1", "catboost"),
]


@pytest.mark.parametrize(("name", "kind"), ENDINGS)
def test_an_ending_of_one_library_tells_the_kind(tmp_path: Path, name: str, kind: Kind) -> None:
    """Whatever is in the file, and however the ending is written."""
    file = tmp_path / name
    file.write_bytes(b"")

    assert kind_of(file) == kind


@pytest.mark.parametrize(("name", "start", "kind"), STARTS)
def test_an_ending_of_several_libraries_is_told_by_the_first_bytes(
    tmp_path: Path, name: str, start: bytes, kind: Kind
) -> None:
    """Each library starts its files in its own way."""
    file = tmp_path / name
    file.write_bytes(start)

    assert kind_of(file) == kind


def test_a_folder_with_a_saved_model_is_tensorflows(tmp_path: Path) -> None:
    """Any other folder is refused."""
    with pytest.raises(ConfigurationError, match="no saved_model"):
        kind_of(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"")

    assert kind_of(tmp_path) == "tensorflow"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("m.json", r"of a kind.*\.skops"),
        ("m.h5", r"run code.*Save it as \.keras"),
        ("m.safetensors", r"without the network.*\.skops"),
    ],
)
def test_an_unknown_file_is_refused_with_what_to_give(tmp_path: Path, name: str, told: str) -> None:
    """The endings that are known are told, or how to save it otherwise."""
    file = tmp_path / name
    file.write_bytes(b"{}")

    with pytest.raises(ConfigurationError, match=f"(?s){told}"):
        kind_of(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(ConfigurationError, match="no such file"):
        kind_of(tmp_path / "m.onnx")


def test_a_pickle_is_opened_where_the_library_is_that_it_names() -> None:
    """And in this environment, if it names none; a kind of its own stays where it is."""
    assert group_of("sklearn", ["sklearn", "numpy"]) is None
    assert group_of("sklearn", ["sklearn", "lightgbm"]) == "lightgbm"
    assert group_of("keras", ["lightgbm"]) == "tensorflow"


def test_a_pickle_of_two_libraries_is_refused() -> None:
    """No environment has both."""
    with pytest.raises(ConfigurationError, match="catboost and xgboost"):
        group_of("sklearn", ["xgboost", "catboost"])


@pytest.mark.parametrize("kind", ["sklearn", "xgboost", "lightgbm", "catboost"])
def test_a_kind_is_a_module_that_opens(kind: Kind) -> None:
    """Without its framework, which it imports when it opens a file."""
    assert callable(opener_of(kind).opened)
