"""The nodes of a graph in the making: each gets a name of its own, and constants are stored."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

ML = "ai.onnx.ml"


class Nodes:
    """`prefix` keeps the names apart from those of the graphs that this one is joined with."""

    def __init__(self, prefix: str) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._prefix = prefix

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Append `operator`, and return the name of its only output."""
        output = f"{self._prefix}_{len(self.nodes)}_{operator.lower()}"
        self.name(operator, *inputs, output=output, **attributes)
        return output

    def name(self, operator: str, *inputs: str, output: str, **attributes: Any) -> None:
        """Append `operator`, whose output is called `output`."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, list(inputs), [output], output, **attributes))

    def constant(self, value: ArrayLike, dtype: type = np.float32) -> str:
        """The name of a stored tensor."""
        from onnx import numpy_helper

        name = f"{self._prefix}_constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name
