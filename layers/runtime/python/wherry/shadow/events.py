"""
What a stable release sends to its shadow: the request as it came, and what stable made of it.

One JSON document, for an asynchronous invoke of the same function's alias `shadow`. Beyond what
Lambda carries of such an event the document goes to the model store, and the event says where (a
claim check). Its one key is at the top of the event, where no front lets a caller put anything.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from wherry.beside import SHADOWED
from wherry.errors import RequestError
from wherry.http.wire import Request

LARGEST = 900_000  # bytes; an asynchronous invoke carries 1 MB
CLAIMED = 16 * 1024 * 1024  # bytes of a document in the store
# What a request is read by; others are the caller's own, and no business of a candidate.
HEADERS = (
    "accept", "content-type", "content-encoding", "inference-header-content-length",
)  # fmt: skip
_CLAIM = re.compile(r"shadow/[0-9a-f]{32}")

Outputs = Mapping[str, NDArray[Any]]


class Objects(Protocol):
    """Where documents are left that no event carries; as `wherry.store.objects` has it."""

    def read(self, key: str, limit: int) -> bytes | None: ...

    def create(self, key: str, data: bytes) -> bool: ...


class Tensor(msgspec.Struct, frozen=True):
    """`dtype` as NumPy writes it; `data` is Base64, and of texts a list of them."""

    dtype: str
    shape: tuple[Annotated[int, Meta(ge=0)], ...]
    data: str | list[str]


class Told(msgspec.Struct, frozen=True):
    """`of` is the prediction's id, `release` the stable one; `body` is Base64."""

    of: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    release: str
    path: str
    headers: Mapping[str, str]
    body: str
    outputs: Mapping[str, Tensor]

    @property
    def request(self) -> Request:
        """As it came to the stable release."""
        return Request("POST", self.path, self.headers, a2b_base64(self.body))

    @property
    def answer(self) -> Outputs:
        """What the stable release computed."""
        return {name: _array(tensor) for name, tensor in self.outputs.items()}


def told_of(of: str, release: str, request: Request, outputs: Outputs) -> Told:
    """What there is to tell of one answered request."""
    headers = {name: request.headers[name] for name in HEADERS if name in request.headers}
    tensors = {name: _tensor(array) for name, array in outputs.items()}
    return Told(of, release, request.path, headers, _text(request.body), tensors)


def to_event(told: Told, objects: Callable[[], Objects]) -> bytes:
    """The event; a document that it cannot carry is left in the `objects` that are then opened."""
    document = msgspec.json.encode(told)
    if len(document) <= LARGEST:
        return b'{"%s":%s}' % (SHADOWED.encode(), document)
    claim = f"shadow/{told.of}"
    objects().create(claim, document)
    return msgspec.json.encode({SHADOWED: {"claim": claim}})


def from_event(told: Any, objects: Callable[[], Objects]) -> Told:
    """What the event has at its key; raise RequestError if that is no shadow, or its claim gone."""
    try:
        if isinstance(told, dict) and "claim" in told:
            return msgspec.json.decode(_claimed(told["claim"], objects), type=Told)
        return msgspec.convert(told, type=Told)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestError(SHADOWED, f"it is no request to a shadow ({error})") from None


def _claimed(claim: object, objects: Callable[[], Objects]) -> bytes:
    """Of keys of shadows only: who may invoke may not thereby read the rest of the store."""
    if not isinstance(claim, str) or _CLAIM.fullmatch(claim) is None:
        raise RequestError(SHADOWED, "its claim is none")
    found = objects().read(claim, CLAIMED)
    if found is None:
        raise RequestError(SHADOWED, f"{claim} is gone", "Documents are kept for a day.")
    return found


def _tensor(array: NDArray[Any]) -> Tensor:
    if array.dtype.kind in "OSU":
        return Tensor("O", array.shape, [_word(each) for each in array.ravel().tolist()])
    return Tensor(array.dtype.str, array.shape, _text(np.ascontiguousarray(array).tobytes()))


def _array(tensor: Tensor) -> NDArray[Any]:
    if isinstance(tensor.data, list):
        return np.array(tensor.data, dtype=object).reshape(tensor.shape)
    return np.frombuffer(a2b_base64(tensor.data), np.dtype(tensor.dtype)).reshape(tensor.shape)


def _word(told: object) -> str:
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)


def _text(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
