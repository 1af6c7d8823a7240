"""Requests as data, asked of every front at once: what httpx can say and no V2 client would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from tests.support.requests_v2 import request, tensor

TINY = "/v2/models/tiny"
INFER = f"{TINY}/infer"
LENGTH = "Inference-Header-Content-Length"
OURS = ("content-type", "content-encoding", "vary", "allow", LENGTH.lower(), "x-wherry-digest")

Callers = Mapping[str, httpx.Client]
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Ask:
    """A request; `path` may hold a query."""

    method: str
    path: str
    body: bytes = b""
    headers: Headers = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """What came, as far as it is ours."""

    status: int
    headers: dict[str, str]
    body: bytes


def infer(body: bytes = b"", *headers: tuple[str, str]) -> Ask:
    return Ask("POST", INFER, body, list(headers))


def coded(body: bytes, coding: str) -> Ask:
    return infer(body, ("Content-Encoding", coding))


def binary(*rows: list[float], length: str | None = None, **told: Any) -> Ask:
    """Tensors as bytes, and anything as the header's length."""
    data = np.array(rows or [[1, 2, 3, 4]], np.float32)
    given = tensor("features", "FP32", list(data.shape), None) | {
        "parameters": {"binary_data_size": data.nbytes}
    }
    del given["data"]
    head = request(given | told)
    return infer(head + data.tobytes(), (LENGTH, str(len(head)) if length is None else length))


def answers(callers: Callers, ask: Ask) -> dict[str, Told]:
    """The same request by each front, HEAD without what it has no body for."""
    return {front: _told(client, ask) for front, client in callers.items()}


def the_answer(callers: Callers, ask: Ask) -> Told:
    """The one answer that all fronts give."""
    found = answers(callers, ask)
    first = found["in process"]
    assert {front for front, told in found.items() if told != first} == set(), found
    return first


def _told(client: httpx.Client, ask: Ask) -> Told:
    path = f"{client.base_url.path.rstrip('/')}{ask.path}"
    asked = client.build_request(
        ask.method, client.base_url.copy_with(raw_path=path.encode()), headers=ask.headers,
        content=ask.body or None,
    )  # fmt: skip
    came = client.send(asked)
    headers = {name: came.headers[name] for name in OURS if name in came.headers}
    return Told(came.status_code, headers, b"" if ask.method == "HEAD" else came.content)
