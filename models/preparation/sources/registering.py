"""What skl2onnx is told of a class: how its output is shaped, and how it becomes nodes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Converter:
    """`shape` sets the types of an operator's outputs; `options` are those that it takes."""

    alias: str
    shape: Callable[[Any], None]
    convert: Callable[[Any, Any, Any], None]
    options: dict[str, list[Any]] | None = None
    parser: Callable[..., Any] | None = None
