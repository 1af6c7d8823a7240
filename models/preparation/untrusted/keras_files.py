"""
Keras files: `.keras` only, a zip whose `config.json` names every class.

Keras makes whatever the configuration names, and its `safe_mode` has been passed by five times. So
each class is one of Keras's own, by module, and none is a Lambda.
"""

import builtins
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from models.preparation.untrusted.zips import checked_zip
from wherry.errors import UnsafeError

CONFIG = "config.json"
MEMBERS = frozenset({CONFIG, "metadata.json", "model.weights.h5"})
MOST_CONFIG = 64 << 20
# Where Keras keeps layers and what they hold; `keras.utils` and `keras.config` use files.
PACKAGES = ("activations", "constraints", "dtype_policies", "initializers", "layers", "losses",
            "metrics", "models", "optimizers", "regularizers", "random")  # fmt: skip
MODULE = re.compile(rf"keras(\.src)?\.({'|'.join(PACKAGES)})(\.\w+)*|builtins|keras")
BUILTINS = {"dict", "list", "tuple", "slice", "int", "float", "str", "bool", "type"}
PLAIN = {"KerasTensor", "Sequential", "Functional", "Model", "DTypePolicy"}  # of `keras` itself
RUNS_CODE = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "get_file"}
TODO = "Build it of Keras's own layers, and save it again as `.keras`, or export it to ONNX."

VALUES = {
    "__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__",
}  # fmt: skip


def checked_keras(path: Path) -> None:
    """Raise UnsafeError for anything but a `.keras` file of Keras's own classes."""
    if path.suffix != ".keras":
        raise UnsafeError(path.name, "only `.keras` files are opened: HDF5 can hold code", TODO)
    if extra := sorted(
        name for name in checked_zip(path) - MEMBERS if not name.startswith("assets/")
    ):
        raise UnsafeError(path.name, f"it has a member {extra[0][:80]!r} that is not Keras's", TODO)
    with ZipFile(path) as archive:
        try:
            if archive.getinfo(CONFIG).file_size > MOST_CONFIG:
                raise UnsafeError(path.name, f"its {CONFIG} is too large", TODO)
            config = json.loads(archive.read(CONFIG))
        except (KeyError, ValueError, RecursionError) as error:
            raise UnsafeError(path.name, f"its {CONFIG} cannot be read", TODO) from error
    for node in _nodes(config):
        if not _is_plain(node):
            told = ".".join(str(node.get(key, ""))[:80] for key in ("module", "class_name"))
            raise UnsafeError(
                path.name, f"it holds {told}, which is not Keras's or runs code", TODO
            )


def _nodes(config: Any) -> Iterator[dict[str, Any]]:
    waiting = [config]
    while waiting:
        match waiting.pop():
            case dict(value):
                if {"class_name", "module"} & set(value):
                    yield value
                waiting.extend(value.values())
            case list(value):
                waiting.extend(value)


def _is_plain(node: dict[str, Any]) -> bool:
    module, name = node.get("module"), node.get("class_name")
    if not isinstance(name, str) or {name, str(node.get("registered_name"))} & RUNS_CODE:
        return False
    if name.startswith("__"):  # values; __lambda__ is code
        return name in VALUES
    if not isinstance(module, str) or not MODULE.fullmatch(module):
        return False
    if name == "function":  # by its name, in a module of Keras, which "builtins" stands for too
        return not hasattr(builtins, str(node.get("config")))
    if module == "builtins":
        return name in BUILTINS
    return name in PLAIN or module != "keras"
