"""
What a file of PyTorch is, told before anything of it is loaded.

Only what is data is taken: an exported program whose weights are plain, or TorchScript, whose code
is PyTorch's own small language. PyTorch itself would unpickle what it finds in a program, and load
native code; here such a file is refused. PyTorch's own reader reads it, so that both see the same.
"""

import io
import json
import re
from pathlib import Path
from typing import Any, Literal

from models.preparation.untrusted.torch_files import checked_torch
from wherry.errors import ConfigurationError, UnsafeError, WherryError

Form = Literal["exported", "script"]
GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
CONFIGS = "_config.json"
OBJECTS = ("custom_obj", "opaque_obj")
NATIVE = ("data/aotinductor/", "data/mtia/", "executorch/")
SAVE_AS = (
    "Save `torch.export.export(module.eval(), (example,), "
    'dynamic_shapes=({0: torch.export.Dim("batch")},))` by `torch.export.save`, '
    "or return the module from train.py."
)


def form_of(path: Path) -> Form:
    """Raise UnsafeError for what would run code, ConfigurationError for what is no network."""
    import torch

    checked_torch(path)
    try:
        reader: Any = torch._C.PyTorchFileReader(str(path))  # noqa: SLF001 - the one that loads, too
    except RuntimeError as error:
        raise ConfigurationError(path.name, "it is no file of PyTorch", SAVE_AS) from error
    names = [str(each) for each in reader.get_all_records()]
    if "archive_format" in names:
        _check_exported(path, reader, names)
        return "exported"
    if any(name.startswith("code/") for name in names) and "constants.pkl" in names:
        return "script"
    raise _pickled(path)


def _check_exported(path: Path, reader: Any, names: list[str]) -> None:
    """Its own tables say which of its tensors are pickles."""
    for name in names:
        if name.startswith(NATIVE):
            raise UnsafeError(path.name, f"it holds native code ({name})", SAVE_AS)
        if name.startswith(("data/weights/", "data/constants/")):
            if name.endswith(".pt"):
                raise UnsafeError(path.name, f"{name} is a pickle", SAVE_AS)
            if name.endswith(CONFIGS):
                _check_table(path, name, json.loads(reader.get_record(name)))
        if name.startswith("data/sample_inputs/"):
            _check_weights(path, name, reader.get_record(name))


def _check_table(path: Path, name: str, table: dict[str, Any]) -> None:
    for tensor, told in table["config"].items():
        if told.get("use_pickle") or told["path_name"].startswith(OBJECTS):
            raise UnsafeError(path.name, f"{tensor} in {name} is a pickle", SAVE_AS)


def _check_weights(path: Path, name: str, data: bytes) -> None:
    """PyTorch would load it with any pickle, if it is not plain."""
    from pickle import UnpicklingError

    import torch

    try:
        torch.load(io.BytesIO(data), weights_only=True)
    except (UnpicklingError, RuntimeError) as error:
        raise UnsafeError(path.name, f"{name} is a pickle of more than tensors", SAVE_AS) from error


def _pickled(path: Path) -> WherryError:
    """What `torch.save` wrote: a whole module, or weights alone."""
    from pickle import UnpicklingError

    import torch

    try:
        torch.load(path, weights_only=True, map_location="cpu")
    except (UnpicklingError, RuntimeError) as error:
        found = GLOBAL.search(str(error))
        named = f" of {found[1]}" if found else ""
        what = f"it is a pickle{named}: to open it is to run what it says"
        return UnsafeError(path.name, what, SAVE_AS)
    return ConfigurationError(
        path.name, "it holds weights without the network that they belong to", SAVE_AS
    )
