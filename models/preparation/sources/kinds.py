"""
Which kind of file a trained model is, and what opens it: told from its ending and first bytes.

Nothing is opened here: whatever a file says of itself, it is read as its kind in the child.
"""

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Protocol, cast

from models.preparation.sources.environments import Group
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from wherry.errors import ConfigurationError

Kind = Literal[
    "sklearn", "xgboost", "lightgbm", "catboost", "torch", "keras", "tensorflow", "onnx"
]  # fmt: skip

ENDINGS: dict[str, Kind] = {
    ".joblib": "sklearn", ".pkl": "sklearn", ".pickle": "sklearn", ".sav": "sklearn",
    ".skops": "sklearn",
    ".ubj": "xgboost", ".lgb": "lightgbm", ".cbm": "catboost", ".pt": "torch", ".pth": "torch",
    ".pt2": "torch", ".keras": "keras", ".onnx": "onnx",
}  # fmt: skip
GROUPS: dict[Kind, Group | None] = {
    "sklearn": None, "xgboost": "xgboost", "lightgbm": "lightgbm", "catboost": "catboost",
    "torch": "torch", "keras": "tensorflow", "tensorflow": "tensorflow", "onnx": None,
}  # fmt: skip
IN_PIPELINES: dict[str, Group] = {
    "xgboost": "xgboost", "lightgbm": "lightgbm", "catboost": "catboost",
}  # fmt: skip
PACKED = {".gz", ".z", ".bz2", ".xz", ".lzma"}
SNIFFED = 1 << 16  # bytes; the first key of XGBoost's JSON is among them
OLD_KERAS = (".h5", ".hdf5")
SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")
SAVE_AS = (
    "Give .joblib, .pkl or .skops (scikit-learn), .json or .ubj (XGBoost), .txt (LightGBM), "
    ".cbm (CatBoost), .pt or .pt2 (PyTorch), .keras, a SavedModel's folder, or .onnx."
)


class Opener(Protocol):
    """A kind's module."""

    def opened(self, path: Path, options: Options) -> Source:
        """Raise a WherryError, with what to do, unless the file is a model of this kind."""


def kind_of(path: Path) -> Kind:
    """Raise ConfigurationError unless the file or folder is of a kind that can be opened."""
    if path.is_dir():
        return _kind_of_folder(path)
    if not path.is_file():
        raise ConfigurationError(str(path), "there is no such file", "Name one that is there.")
    kind = ENDINGS.get(_ending(path)) or _sniffed(path)
    if kind is None:
        old = path.suffix.lower() in OLD_KERAS
        todo = 'Save it as .keras: `model.save("model.keras")`.' if old else SAVE_AS
        raise ConfigurationError(str(path), _unknown(path), todo)
    return kind


def _ending(path: Path) -> str:
    """What packed files are within: joblib writes `model.joblib.gz`, `model.pkl.xz`."""
    packed = path.suffix.lower() in PACKED
    return (path.with_suffix("") if packed else path).suffix.lower()


def group_of(kind: Kind, libraries: Iterable[str] = ()) -> Group | None:
    """The environment of a kind; of scikit-learn's, that of the `libraries` which a file names."""
    named = sorted({IN_PIPELINES[each] for each in libraries if each in IN_PIPELINES})
    if kind != "sklearn" or not named:
        return GROUPS[kind]
    if len(named) > 1:
        raise ConfigurationError(
            "the model",
            f"it holds estimators of {' and '.join(named)}, and no environment has both",
            "Make a model of each, and let [compose] join them.",
        )
    return named[0]


def opener_of(kind: Kind) -> Opener:
    """Import the module of a kind; its framework comes with it."""
    return cast("Opener", importlib.import_module(f"models.preparation.sources.{kind}_files"))


def _kind_of_folder(path: Path) -> Kind:
    if any((path / name).is_file() for name in SAVED_MODEL):
        return "tensorflow"
    raise ConfigurationError(
        str(path),
        "a folder that holds no saved_model.pb",
        "Give a SavedModel of TensorFlow, or a file; `wherry import mlflow` takes MLflow's.",
    )


def _sniffed(path: Path) -> Kind | None:
    """Endings that several libraries use: .json, .txt, .model, .bin."""
    with path.open("rb") as file:
        head = file.read(SNIFFED)
    if head.startswith((b"tree\n", b"tree\r\n")):
        return "lightgbm"
    if head.startswith(b"CBM1"):
        return "catboost"
    return "xgboost" if head.startswith(b"{") and b"learner" in head else None


def _unknown(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in OLD_KERAS:
        return "Keras' old .h5 files can run code when they are opened"
    if suffix in {".safetensors", ".ckpt"}:
        return "it holds weights without the network that they belong to"
    return "it is no model of a kind that is known here"
