"""One way to make a model faster or smaller, and what the ways have in common."""

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from models.preparation.convert import IR_VERSION
from models.preparation.optimizing.measured import Kind
from models.preparation.sources.graphs import every_node, stripped
from models.preparation.sources.source import Values
from wherry.ort import onnxruntime


@dataclass(frozen=True)
class Variant:
    """
    `applies` tells why it makes no sense for a model (a ModelProto), or None. `make` takes the fp32
    model and rows that were learnt, and gives the same bytes each time.
    """

    name: str
    what: str
    kind: Kind
    applies: Callable[[Any], str | None]
    make: Callable[[bytes, Values], bytes]
    needs_rows: bool = False


def part_of_onnxruntime(name: str) -> Any:
    """A module of it that is not loaded by itself; telemetry is off by then."""
    return import_module(f"{onnxruntime.__name__}.{name}")


@contextmanager
def hushed() -> Iterator[None]:
    """Its tools print, and warn of what the gates will judge."""
    was = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(was)


def operators(model: Any) -> set[str]:
    """Of a ModelProto, those of branches too."""
    return {node.op_type for node in every_node(model.graph)}


def none_of(wanted: Iterable[str], helped_by: str) -> Callable[[Any], str | None]:
    """A check that a model has at least one of these operators."""
    names = set(wanted)

    def applies(model: Any) -> str | None:
        return None if operators(model) & names else f"no operator that {helped_by} helps"

    return applies


def read(model: bytes) -> Any:
    """Without the shapes that its exporter worked out: they may contradict what is made of it."""
    import onnx

    graph = onnx.load_from_string(model)
    del graph.graph.value_info[:]
    return graph


def written(model: Any) -> bytes:
    """
    As the house writes models: its IR, and nothing that the tool says of itself.

    Checked first: a graph out of order would end the whole process when ONNX Runtime loads it.
    """
    import onnx

    stripped(model)
    model.ir_version = min(model.ir_version, IR_VERSION)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
