"""Open Inference Protocol requests from nested lists: what people write, as it travels."""

from collections.abc import Mapping
from typing import Any

from wherry.errors import RequestError


def infer_request(inputs: Mapping[str, Any], datatypes: Mapping[str, str]) -> dict[str, Any]:
    """The body of an inference request; `datatypes` are the model's own, by input."""
    unknown = sorted(set(inputs) - set(datatypes))
    if unknown:
        raise RequestError(
            f"input {unknown[0]}", "the model has no such input", f"It has: {', '.join(datatypes)}."
        )
    tensors = [
        {"name": name, "shape": shape_of(rows), "datatype": datatypes[name], "data": flat(rows)}
        for name, rows in inputs.items()
    ]
    return {"inputs": tensors}


def flat(data: Any) -> list[Any]:
    """The values of nested lists, row by row."""
    if not isinstance(data, list):
        return [data]
    return [value for part in data for value in flat(part)]


def shape_of(data: Any) -> list[int]:
    """The sizes of nested lists, taking the first of each level as the measure of all."""
    if not isinstance(data, list):
        return []
    return [len(data), *shape_of(data[0])] if data else [0]
