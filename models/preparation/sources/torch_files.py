"""
A network of PyTorch: a file that `torch.export` or TorchScript wrote, or a module in this process.

A pickled module is refused: only the code that made it can open it, and opening runs what it says.
"""

from pathlib import Path
from typing import Any

from models.preparation.sources.network import Network, Told
from models.preparation.sources.options import Options
from models.preparation.sources.running import TRIED, Array
from models.preparation.sources.source import Source
from models.preparation.sources.torch_archive import SAVE_AS, form_of
from models.preparation.sources.torch_exported import asker, libraries, program_of, quiet, to_onnx
from models.preparation.sources.versions import brought


def opened(path: Path, options: Options) -> Source:
    """Raise UnsafeError for a pickle, ConfigurationError for what cannot be exported."""
    if form_of(path) == "script":
        return _script(path, options)
    import torch

    with quiet():
        program = torch.export.load(str(path))
    return _network(program, "torch.export program", options)


def kept(module: Any, example: Array, file: Path) -> None:
    """Save a module as a `.pt2` that takes any number of rows like those of `example`."""
    import torch

    with quiet():
        torch.export.save(program_of(module, example), file)


class TorchSource(Network):
    """A module in this process; `example` are rows that it takes."""

    def __init__(self, module: Any, example: Array, options: Options | None = None) -> None:
        program = program_of(module, example)
        ask = asker(program)
        told = _told(type(module).__name__)
        super().__init__(brought(to_onnx(program), ask, TRIED), ask, options or Options(), told)


def _network(program: Any, estimator: str, options: Options) -> Source:
    ask = asker(program)
    return Network(brought(to_onnx(program), ask, TRIED), ask, options, _told(estimator))


def _script(path: Path, options: Options) -> Source:
    from models.preparation.sources import torch_script

    module = torch_script.read_script(path)
    ask = torch_script.asker(module)
    exported = torch_script.to_onnx(module, ask, options.inputs)
    return Network(brought(exported, ask, TRIED), ask, options, _told(_class(module)))


def _class(module: Any) -> str:
    return str(getattr(module, "original_name", "TorchScript"))


def _told(estimator: str) -> Told:
    return Told(estimator=estimator, how=SAVE_AS, libraries=libraries())
