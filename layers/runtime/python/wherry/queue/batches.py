"""
One run of the model for all that came together, where its rows are independent.

Requests that agree in all but their rows are one batch, as far as one request may be that large.
A batch that fails is computed one by one, so that nobody gets a neighbour's error. What is computed
together differs from what is computed alone in no more than `wherry.independence` lets pass: the
last digits of a fraction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

import numpy as np

from wherry.service import Asked, Service, Steps, Tensors

Computed = tuple[Tensors, Steps] | Exception | None
HasTime = Callable[[], bool]


def compute(service: Service, asked: Sequence[Asked], has_time: HasTime) -> list[Computed]:
    """What the model makes of each, in their order; None of those that there was no time for."""
    told: dict[int, Computed] = {}
    for batch in _batches(service, asked):
        parts = [asked[place] for place in batch]
        told.update(zip(batch, _together(service, parts, has_time), strict=True))
    return [told[place] for place in range(len(asked))]


def _together(service: Service, batch: Sequence[Asked], has_time: HasTime) -> list[Computed]:
    if not has_time():
        return [None] * len(batch)
    if len(batch) == 1:
        return [_alone(service, batch[0])]
    names = batch[0].inputs
    steps: dict[str, float] = {}
    try:
        joined = {name: np.concatenate([part.inputs[name] for part in batch]) for name in names}
        outputs = service.run(batch[0].outputs, joined, steps)
    except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
        return [_alone(service, part) if has_time() else None for part in batch]
    ends = accumulate(map(_rows, batch))
    return [
        ({name: array[end - _rows(part) : end] for name, array in outputs.items()}, steps)
        for part, end in zip(batch, ends, strict=True)
    ]


def _alone(service: Service, asked: Asked) -> Computed:
    steps: dict[str, float] = {}
    try:
        return service.run(asked.outputs, asked.inputs, steps), steps
    except Exception as error:  # noqa: BLE001 - it is whoever asked that handles it
        return error


def _batches(service: Service, asked: Sequence[Asked]) -> Iterator[list[int]]:
    """Places of those that are one batch."""
    if len(asked) == 1 or not service.rows_are_independent:
        yield from ([place] for place in range(len(asked)))
        return
    alike: dict[object, list[int]] = {}
    for place, each in enumerate(asked):
        alike.setdefault(_kind(each), []).append(place)
    for places in alike.values():
        yield from _bounded(service, asked, places)


def _bounded(
    service: Service, asked: Sequence[Asked], places: Iterable[int]
) -> Iterator[list[int]]:
    most_rows, most_elements = service.limits.rows, service.limits.elements
    batch: list[int] = []
    rows = elements = 0
    for place in places:
        more, larger = _rows(asked[place]), _elements(asked[place])
        if batch and (rows + more > most_rows or elements + larger > most_elements):
            yield batch
            batch, rows, elements = [], 0, 0
        batch.append(place)
        rows, elements = rows + more, elements + larger
    yield batch


def _kind(asked: Asked) -> object:
    """Equal for those that may be one batch; one without rows is by itself."""
    tensors = sorted((name, each.shape[1:], each.dtype) for name, each in asked.inputs.items())
    return tuple(asked.outputs), repr(tensors), 0 if _rows(asked) else id(asked)


def _rows(asked: Asked) -> int:
    return len(next(iter(asked.inputs.values())))


def _elements(asked: Asked) -> int:
    return max(tensor.size for tensor in asked.inputs.values())
