"""
A model as MLflow saves it: a folder whose `MLmodel` says which library reads which of its files.

`MLmodel` is read as plain YAML, and nothing of the folder is opened here. What runs code of its own
(a model that is a Python function and nothing else) is refused.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from models.preparation.importing import Found
from models.preparation.sources.kinds import ENDINGS, Kind
from models.preparation.sources.mlflow.signature import example_of, inputs_of
from models.preparation.sources.options import Options
from wherry.errors import ConfigurationError, UnsafeError

FILE = "MLmodel"
FLAVORS: dict[str, tuple[Kind, str]] = {  # and the key that names the file
    "sklearn": ("sklearn", "pickled_model"),
    "xgboost": ("xgboost", "data"),
    "lightgbm": ("lightgbm", "data"),
    "catboost": ("catboost", "data"),
    "onnx": ("onnx", "data"),
    "pytorch": ("torch", "model_data"),
    "keras": ("keras", "data"),
    "tensorflow": ("tensorflow", "saved_model_dir"),
}
NETWORKS = ("model.pt2", "model.ts", "model.pt", "model.pth")
KERAS = ("model.keras", "model.h5", "model")
ESTIMATORS = (".pkl", ".skops", ".joblib")  # of XGBoost and LightGBM too: their estimators
PYTHON = "python_function"
MOST_BYTES = 1 << 20
MOST_SHOWN = 64


def read_folder(folder: Path) -> Found:
    """Raise ConfigurationError, with what to do, if no library that is known here reads it."""
    told = _told(folder)
    flavors = _mapping(folder, told, "flavors")
    name = next((each for each in FLAVORS if each in flavors), None)
    if name is None:
        raise _unknown(folder, flavors)
    flavor = _mapping(folder, flavors, name)
    kind, file = _file(folder, name, flavor)
    signature = told.get("signature") or {}
    inputs = inputs_of(folder / FILE, signature) if kind == "torch" else ()
    return Found(
        file=file,
        kind=kind,
        options=Options(inputs=inputs if file.suffix != ".pt2" else ()),
        example=example_of(folder, told.get("saved_input_example_info") or {}),
        description=_description(told, name),
    )


def _told(folder: Path) -> dict[str, Any]:
    import yaml

    path = folder / FILE
    try:
        with path.open("rb") as file:
            told = yaml.safe_load(file.read(MOST_BYTES))
    except FileNotFoundError:
        raise ConfigurationError(
            str(folder), f"it holds no {FILE}", "Name the folder that MLflow saved the model as."
        ) from None
    except yaml.YAMLError as error:
        what = str(error).partition("\n")[0]
        raise ConfigurationError(str(path), f"it is no YAML: {what}", "Save it again.") from error
    if not isinstance(told, dict):
        raise ConfigurationError(str(path), "it holds no mapping", "Save the model again.")
    return told


def _mapping(folder: Path, told: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = told.get(key)
    if not isinstance(value, dict):
        raise ConfigurationError(str(folder / FILE), f"it has no {key}", "Save the model again.")
    return value


def _file(folder: Path, name: str, flavor: Mapping[str, Any]) -> tuple[Kind, Path]:
    kind, key = FLAVORS[name]
    if name == "tensorflow" and "data" in flavor:  # its flavor of Keras' models
        kind, key = "keras", "data"
    path = _inside(folder, key, flavor.get(key))
    found = LOOKED_FOR.get(kind, _itself)(path)
    if found is None or not found.exists():
        raise ConfigurationError(
            str(folder), f"there is no {path.relative_to(folder.resolve())}, which {FILE} names",
            "Save the model again.",
        )  # fmt: skip
    if kind == "keras" and found.is_dir():
        return "tensorflow", found
    return ENDINGS.get(found.suffix, kind) if found.suffix in ESTIMATORS else kind, found


def _inside(folder: Path, key: str, name: object) -> Path:
    """What a file names must lie in its folder, and be no link to elsewhere."""
    if not isinstance(name, str):
        raise ConfigurationError(str(folder / FILE), f"it has no {key}", "Save the model again.")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UnsafeError(str(folder / FILE), f"{key} {name!r} is outside of the folder")
    return path


def _itself(path: Path) -> Path | None:
    return path


def _first(names: tuple[str, ...]) -> Callable[[Path], Path | None]:
    def look(folder: Path) -> Path | None:
        return next((folder / each for each in names if (folder / each).exists()), None)

    return look


LOOKED_FOR: dict[Kind, Callable[[Path], Path | None]] = {
    "torch": _first(NETWORKS),
    "keras": _first(KERAS),
}


def _unknown(folder: Path, flavors: Mapping[str, Any]) -> ConfigurationError:
    loader = (flavors.get(PYTHON) or {}).get("loader_module", "nobody")
    others = sorted(set(flavors) - {PYTHON})
    what = (
        f"its library is {', '.join(others)}"
        if others
        else f"it is a Python function and nothing else (loaded by {loader})"
    )
    return ConfigurationError(
        str(folder), what, f"Log the model itself, by mlflow.{', mlflow.'.join(FLAVORS)}."
    )


def _description(told: Mapping[str, Any], flavor: str) -> str:
    """Text alone is told: whatever else a file says may unfold without an end."""
    parts = [f"Logged to MLflow by mlflow.{flavor}"]
    if isinstance(told.get("run_id"), str):
        parts.append(f"in run {told['run_id'][:MOST_SHOWN]}")
    if isinstance(told.get("utc_time_created"), str | datetime):
        parts.append(f"at {str(told['utc_time_created'])[:16]} UTC")
    return " ".join(parts) + "."
