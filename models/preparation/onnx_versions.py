"""
What each ONNX Runtime accepts of the versions that a model writes down.

It tells nobody: there is no call for the highest IR. So the table is here, and a test loads a model
at each bound of the pinned one, and one above.
"""

from dataclasses import dataclass
from typing import Any

from models.preparation.steps.nodes import ML
from wherry.errors import ConfigurationError

LEAST = 7  # every ONNX Runtime takes operator sets from here on


@dataclass(frozen=True)
class Accepted:
    """The highest versions that are taken."""

    ir: int
    opset: int
    ml: int


ACCEPTED = {
    "1.31.1": Accepted(ir=13, opset=26, ml=5),
}


def accepted(runtime: str | None = None) -> Accepted:
    """Of the ONNX Runtime that is installed, if none is named."""
    if runtime is None:
        from wherry.ort import onnxruntime

        runtime = str(onnxruntime.__version__)
    if runtime not in ACCEPTED:
        raise ConfigurationError(
            f"ONNX Runtime {runtime}",
            "it is not known which models it takes",
            "Measure it, and add a line to models/preparation/onnx_versions.py.",
        )
    return ACCEPTED[runtime]


def takes(model: Any, bounds: Accepted) -> bool:
    """Whether a ModelProto's versions are within the bounds."""
    highest = {"": bounds.opset, "ai.onnx": bounds.opset, ML: bounds.ml}
    return model.ir_version <= bounds.ir and all(
        each.version <= highest.get(each.domain, each.version) for each in model.opset_import
    )
