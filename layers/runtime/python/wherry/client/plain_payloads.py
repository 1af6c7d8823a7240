"""
Plain rows, or a plain body as it is, as requests to `/predict`: for who speaks no tensors.

Rows are JSON on the wire, so what JSON cannot carry is refused here and not changed in silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson

from wherry.client.descriptions import Signature
from wherry.client.flow import Answer, Ask
from wherry.client.payloads import ENVELOPE, JSON, fitting, width
from wherry.client.predictions import PlainPrediction, joined_rows
from wherry.client.reading import plain_of
from wherry.errors import RequestError
from wherry.limits import Limits

_SAMPLE = 1000  # rows that tell how long one is
_VALUE = 64  # bytes of one value of an answer, and of its label


@dataclass(frozen=True)
class Body:
    """A plain body as it is: CSV, an image, a text, or JSON."""

    data: bytes
    media_type: str = JSON


@dataclass(frozen=True)
class Rows:
    """Objects, lists of values, or single values, as the model's fields want them."""

    model: str
    told: Sequence[Any]
    signature: Signature | None = None  # as far as it is known; it tells how long an answer is

    @property
    def rows(self) -> int | None:
        """See Payload."""
        return len(self.told)

    def cut(self, start: int, stop: int) -> "Rows":
        """See Payload."""
        return Rows(self.model, self.told[start:stop], self.signature)

    def fitting(self, limits: Limits) -> int:
        """See Payload."""
        some = self.cut(0, _SAMPLE)
        a_row = len(some.ask().body) / max(1, len(some.told))
        outputs = self.signature.outputs.values() if self.signature else ()
        answer = sum(width(spec.shape[1:]) * _VALUE + len(spec.name) for spec in outputs)
        return fitting(
            limits.rows,
            (limits.body_bytes - ENVELOPE, a_row),
            (limits.answer_bytes - ENVELOPE, answer),
        )

    def ask(self) -> Ask:
        """See Payload."""
        for number, row in enumerate(self.told, 1):
            _check_finite(number, row)
        try:
            body = orjson.dumps(self.told, option=orjson.OPT_SERIALIZE_NUMPY)
        except TypeError as error:
            raise RequestError("rows", f"JSON cannot carry them ({error})") from error
        return _ask(self.model, Body(body))

    def read(self, answer: Answer, where: str) -> PlainPrediction:
        """See Payload."""
        return plain_of(answer, where)

    def join(self, parts: Sequence[PlainPrediction]) -> PlainPrediction:
        """See Payload."""
        return joined_rows(parts)


@dataclass(frozen=True)
class Whole:
    """A body that nobody here looks into, so it is not cut."""

    model: str
    body: Body

    @property
    def rows(self) -> int | None:
        """See Payload."""
        return None

    def cut(self, _start: int, _stop: int) -> "Whole":
        """It has no rows that are known here."""
        return self

    def fitting(self, _: Limits) -> int:
        """See Payload."""
        return 1

    def ask(self) -> Ask:
        """See Payload."""
        return _ask(self.model, self.body)

    def read(self, answer: Answer, where: str) -> PlainPrediction:
        """See Payload."""
        return plain_of(answer, where)

    def join(self, parts: Sequence[PlainPrediction]) -> PlainPrediction:
        """See Payload."""
        return joined_rows(parts)


def _ask(model: str, body: Body) -> Ask:
    headers = {"content-type": body.media_type, "accept": JSON}
    return Ask("POST", f"/predict/{quote(model, safe='')}", headers, body.data)


def _check_finite(number: int, row: Any) -> None:
    """NaN goes as `null`, a missing number, as everywhere here; infinity would go as that too."""
    for name, value in _values(row):
        if isinstance(value, float | np.floating) and isinf(value):
            raise RequestError(
                f"row {number}, {name!r}", "infinity came, which JSON cannot carry", "Send tensors."
            )


def _values(row: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(row, Mapping):
        return row.items()
    if isinstance(row, Sequence | np.ndarray) and not isinstance(row, str):
        return enumerate(row)
    return [("its value", row)]
