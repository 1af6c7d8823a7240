"""Nodes of a graph that skl2onnx builds, with fresh names."""

from typing import Any

import numpy as np


class Graph:
    """What a converter of ours adds to."""

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope = scope
        self._container = container

    def add(self, kind: str, *inputs: str, into: str | None = None, **attributes: Any) -> str:
        """The name of its one output: `into`, or a fresh one."""
        name = into or self._scope.get_unique_variable_name(kind.lower())
        title = self._scope.get_unique_operator_name(kind)
        self._container.add_node(kind, list(inputs), [name], name=title, **attributes)
        return str(name)

    def constant(self, value: Any, kind: int) -> str:
        name = self._scope.get_unique_variable_name("constant")
        told = [
            each.encode() if isinstance(each, str) else each
            for each in np.atleast_1d(value).ravel().tolist()
        ]
        self._container.add_initializer(name, kind, list(np.shape(value)), told)
        return str(name)

    def joined(self, variables: Any) -> str:
        """The columns of all of an operator's inputs, side by side."""
        names = [each.full_name for each in variables]
        return names[0] if len(names) == 1 else self.add("Concat", *names, axis=1)
