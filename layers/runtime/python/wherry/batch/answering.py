"""
One run of the model for each chunk; where it fails, halves of it, until the guilty rows are alone.

So a row that the model refuses costs its neighbours a few runs, and never their answers. It refuses
a model whose answer is not one for each row: no part of such an answer is a row's own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ModelError, RefusedError, RequestError
from wherry.protocol.signature import quoted
from wherry.service import Service

Tensors = Mapping[str, NDArray[Any]]


def answer(
    service: Service, tensors: Tensors, rows: int
) -> tuple[dict[str, NDArray[Any]], dict[int, str]]:
    """The outputs of all rows that have one, in order, and why each of the others has none."""
    parts: list[dict[str, NDArray[Any]]] = []
    refused: dict[int, str] = {}
    for start, told in _answered(service, tensors, 0, rows):
        if isinstance(told, str):
            refused[start] = told
        else:
            parts.append(told)
    if len(parts) == 1:
        return parts[0], refused
    names = parts[0] if parts else ()
    return {name: np.concatenate([part[name] for part in parts]) for name in names}, refused


def _answered(
    service: Service, tensors: Tensors, start: int, stop: int
) -> Iterator[tuple[int, dict[str, NDArray[Any]] | str]]:
    part = {name: tensor[start:stop] for name, tensor in tensors.items()}
    try:
        told = service.predict(part)
    except (RequestError, ModelError) as error:
        if stop - start == 1:
            yield start, str(error)
            return
    else:
        _check_rows(told, stop - start)
        yield start, told
        return
    middle = (start + stop) // 2
    yield from _answered(service, tensors, start, middle)
    yield from _answered(service, tensors, middle, stop)


def _check_rows(outputs: Tensors, rows: int) -> None:
    for name, array in outputs.items():
        if array.shape[:1] != (rows,):
            raise RefusedError(
                f"output {quoted(name)}",
                f"{rows} rows were asked, and its shape is {quoted(list(array.shape))}",
                "A batch wants a model that answers each row by itself.",
            )
