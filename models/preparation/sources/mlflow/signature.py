"""What a model of MLflow takes: its signature and its input example, as tensors of ours."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.names import plain_names
from wherry.errors import ConfigurationError, UnsafeError
from wherry.manifest import TensorSpec

DATATYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "float16": "FP16",
    "float32": "FP32", "float64": "FP32", "str": "BYTES", "object": "BYTES",
}  # fmt: skip
TABLE = 2
UNNAMED = "inputs"
MOST = 64 << 20  # bytes of an example


def inputs_of(where: Path, signature: Mapping[str, Any]) -> tuple[TensorSpec, ...]:
    """The tensors of a signature, in order; none if it tells columns, or nothing."""
    columns = json.loads(signature.get("inputs") or "[]")
    tensors = [each["tensor-spec"] for each in columns if "tensor-spec" in each]
    names = plain_names([each.get("name", UNNAMED) for each in columns if "tensor-spec" in each])
    return tuple(_tensor(where, name, each) for name, each in zip(names, tensors, strict=True))


def _tensor(where: Path, name: str, told: Mapping[str, Any]) -> TensorSpec:
    datatype = DATATYPES.get(str(told["dtype"]))
    if datatype is None:
        raise ConfigurationError(
            f"{where}: signature", f"{name} has the type {told['dtype']}, which nobody can send",
            f"Log it with one of {', '.join(DATATYPES)}.",
        )  # fmt: skip
    shape = (-1, *map(int, told["shape"][1:]))
    return TensorSpec(name, datatype, shape)  # type: ignore[arg-type] # one of the table


def example_of(folder: Path, info: Mapping[str, Any]) -> dict[str, NDArray[Any]] | None:
    """The input example by column or by tensor; None if there is none that is rows."""
    if not info.get("artifact_path"):
        return None
    path = (folder / str(info["artifact_path"])).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UnsafeError(str(folder / "MLmodel"), f"the example {path.name!r} is outside of it")
    if not path.is_file() or path.stat().st_size > MOST:
        return None
    told = json.loads(path.read_bytes())
    if info.get("type") == "dataframe" and isinstance(told, dict) and "columns" in told:
        return _columns(told["columns"], told["data"])
    if info.get("type") == "ndarray":
        return _arrays(told)
    return None


def _columns(names: list[Any], data: list[list[Any]]) -> dict[str, NDArray[Any]]:
    return {str(name): _column([row[number] for row in data]) for number, name in enumerate(names)}


def _column(values: list[Any]) -> NDArray[Any]:
    """[rows, 1]: numbers with NaN for what is missing, or text with the empty one for it."""
    if any(isinstance(each, str) for each in values):
        column = np.array(["" if each is None else str(each) for each in values])
    elif all(isinstance(each, int) for each in values):
        column = np.array(values, np.int64)
    else:
        column = np.array([np.nan if each is None else each for each in values], np.float64)
    return column.reshape(-1, 1)


def _arrays(told: Any) -> dict[str, NDArray[Any]]:
    if isinstance(told, dict):
        names = plain_names(list(told))
        return {name: np.asarray(each) for name, each in zip(names, told.values(), strict=True)}
    array = np.asarray(told)
    if array.ndim != TABLE:
        return {UNNAMED: array}
    return {f"column_{number}": array[:, number : number + 1] for number in range(array.shape[1])}
