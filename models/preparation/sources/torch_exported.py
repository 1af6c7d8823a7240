"""
A program that `torch.export` made, of a module or read from a file: asked, and exported to ONNX.

It refuses a program that still learns: dropout and batch normalization must be in eval mode.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from importlib.metadata import version
from typing import Any

import numpy as np

from models.preparation.convert import OPSETS
from models.preparation.sources.running import Array, Ask
from wherry.errors import ConfigurationError

LIBRARIES = ("torch", "onnxscript", "onnx")
LEARNING = {"train", "training"}  # what PyTorch's operators call the argument
WHERE = "the PyTorch program"
LEAST = 2  # rows: torch.export takes one row for a size that is always one


def libraries() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def program_of(module: Any, example: Array) -> Any:
    """Export a module, in eval mode, for any number of rows; the module stays as it is."""
    import torch

    rows = np.ascontiguousarray(example)
    rows = rows.astype(np.float32) if rows.dtype == np.float64 else rows
    rows = np.concatenate([rows] * LEAST) if len(rows) < LEAST else rows
    try:
        with quiet(), torch.no_grad():
            return torch.export.export(
                deepcopy(module).cpu().eval(),
                (torch.from_numpy(rows),),
                dynamic_shapes=({0: torch.export.Dim("batch")},),
            )
    except Exception as error:
        raise ConfigurationError(
            type(module).__name__,
            f"torch.export cannot export it for any number of rows ({_line(error)})",
            "Keep `forward` free of what depends on the number of rows or on their values.",
        ) from error


def asker(program: Any) -> Ask:
    """Ask the program; what it takes and answers is flattened, in its own order."""
    import torch
    from torch.utils import _pytree as trees

    module, takes = program.module(), program.call_spec.in_spec

    def ask(arrays: Sequence[Array]) -> list[Array]:
        tensors = [torch.from_numpy(np.array(each)) for each in arrays]
        with torch.no_grad():
            positional, named = trees.tree_unflatten(tensors, takes)
            answers = module(*positional, **named)
        flat = trees.tree_leaves(answers)
        return [each.numpy() for each in flat if isinstance(each, torch.Tensor)]

    return ask


def to_onnx(program: Any) -> Any:
    """One ModelProto, weights within."""
    import torch

    check_eval(program)
    try:
        with quiet():
            made = torch.onnx.export(
                program, (), dynamo=True, external_data=False, opset_version=OPSETS[""],
                verbose=False, output_names=_output_names(program),
            )  # fmt: skip
    except Exception as error:
        raise ConfigurationError(
            WHERE, f"torch.onnx cannot export it ({_line(error)})", "Use other operators."
        ) from error
    return made.model_proto


def _output_names(program: Any) -> list[str] | None:
    """The keys, where the module answers a mapping of tensors."""
    from torch.utils import _pytree as trees

    form = program.call_spec.out_spec
    answers = trees.tree_unflatten(list(range(form.num_leaves)), form)
    if not isinstance(answers, dict) or not all(isinstance(n, int) for n in answers.values()):
        return None
    return sorted(map(str, answers), key=lambda name: answers[name])


def check_eval(program: Any) -> None:
    """Raise ConfigurationError if an operator of it is there to learn."""
    learning = [node for node in program.graph.nodes if _learns(node)]
    if learning:
        names = sorted({str(node.target) for node in learning})
        raise ConfigurationError(
            WHERE,
            f"it was exported in training mode ({', '.join(names)})",
            "Call `module.eval()` before `torch.export.export`.",
        )


@contextmanager
def quiet() -> Iterator[None]:
    """PyTorch's exporters warn of themselves, and of what is not installed."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _learns(node: Any) -> bool:
    schema = getattr(node.target, "_schema", None)
    if node.op != "call_function" or schema is None:
        return False
    told = dict(zip((each.name for each in schema.arguments), node.args, strict=False))
    return any((told | node.kwargs).get(name) is True for name in LEARNING)


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200] if lines else 'no reason told'}"
