"""The binary tensors behind a request's JSON, taken in the order in which its inputs are listed."""

from typing import Any

from wherry.errors import RequestError
from wherry.protocol.signature import quoted

HEADER_LENGTH = "Inference-Header-Content-Length"


class Tail:
    """`data` is None where no header said that there is one."""

    def __init__(self, data: memoryview | None) -> None:
        self._data = data
        self._taken = 0

    def take(self, where: str, size: Any) -> memoryview:
        """The next `size` bytes, a caller's claim; `where` names the tensor they are for."""
        if self._data is None:
            raise RequestError(
                where, f"binary data is announced, but no {HEADER_LENGTH} says where it begins"
            )
        left = len(self._data) - self._taken
        if type(size) is not int or not 0 <= size <= left:
            raise RequestError(
                where, f"binary_data_size {quoted(size)} came; {left} bytes are left in the body"
            )
        start, self._taken = self._taken, self._taken + size
        return self._data[start : self._taken]

    def finish(self) -> None:
        """Raise RequestError if something is left over."""
        if self._data is not None and self._taken != len(self._data):
            raise RequestError(
                "the request",
                f"its inputs claim {self._taken} bytes of binary data; {len(self._data)} came",
            )


NO_TAIL = Tail(None)
