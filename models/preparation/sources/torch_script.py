"""
A TorchScript module: it does not say what it takes, so that must be declared.

It goes by PyTorch's older exporter, which alone takes TorchScript.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.preparation.convert import OPSETS
from models.preparation.sources.graphs import OPEN
from models.preparation.sources.running import TRIED, Array, Ask, first_that_runs
from models.preparation.sources.torch_exported import quiet
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

DECLARE = 'Declare them, in order: [[source.inputs]] name = "image", shape = [1, 28, 28].'


def read_script(path: Path) -> Any:
    """In eval mode."""
    import torch

    with quiet():
        module = torch.jit.load(str(path), map_location="cpu")
    return module.eval() if hasattr(module, "training") else module  # a frozen one has no modes


def asker(module: Any) -> Ask:
    import torch
    from torch.utils import _pytree as trees

    def ask(arrays: Sequence[Array]) -> list[Array]:
        with torch.no_grad():
            answers = module(*[torch.from_numpy(np.array(each)) for each in arrays])
        return [each.numpy() for each in trees.tree_leaves(answers)]

    return ask


def to_onnx(module: Any, ask: Ask, inputs: Sequence[TensorSpec]) -> Any:
    """One ModelProto; raise ConfigurationError if no inputs are declared, or other ones."""
    import onnx
    import torch

    if not inputs:
        raise ConfigurationError("inputs", "TorchScript does not say what it takes", DECLARE)
    arrays = first_that_runs(ask, inputs, TRIED)
    if arrays is None:
        told = ", ".join(f"{each.name} {each.datatype} {list(each.shape)}" for each in inputs)
        raise ConfigurationError("inputs", f"the network does not take {told}", DECLARE)
    outputs = [f"output_{number}" for number in range(len(ask(arrays)))]
    axes = {each.name: _open_axes(each) for each in inputs} | {
        name: {0: "batch"} for name in outputs
    }
    file = io.BytesIO()
    with quiet():
        torch.onnx.export(
            module, tuple(torch.from_numpy(each) for each in arrays), file, dynamo=False,
            opset_version=OPSETS[""], input_names=[each.name for each in inputs],
            output_names=outputs, dynamic_axes=axes,
        )  # fmt: skip
    return onnx.load_from_string(file.getvalue())


def _open_axes(tensor: TensorSpec) -> dict[int, str]:
    return {
        number: f"{tensor.name}_{number}" if number else "batch"
        for number, size in enumerate(tensor.shape)
        if size == OPEN
    }
