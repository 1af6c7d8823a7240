"""
A plain request to a plain answer: see which form came, read it, ask the model, tell.

Clients lie about what they send (`curl -d` calls all of it a form). So an image is known by its
first bytes too, the content type counts where it names CSV, an image or a text that the model can
take, and whatever is left is JSON.
"""

from collections.abc import Mapping
from functools import cached_property, partial
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from numpy.typing import NDArray

from wherry.errors import RequestError, TooLargeError
from wherry.plain.faults import REQUEST
from wherry.plain.fields import Fields, Row
from wherry.plain.json_rows import JsonRows
from wherry.plain.replies import Replies
from wherry.protocol.signature import quoted
from wherry.protocol.statistics import Stages
from wherry.service import Answer, Asked, Service

if TYPE_CHECKING:
    from wherry.media.images import ImageReader
    from wherry.plain.csv_rows import CsvRows

CSV, JSON, TEXT = "text/csv", "application/json", "text/plain"
_ANYTHING = (JSON, "application/*", "*/*")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")  # JPEG, PNG, WebP

Tensors = Mapping[str, NDArray[Any]]


class _Read(NamedTuple):
    """The tensors, how many rows they have, and whether one row came by itself."""

    tensors: Tensors
    rows: int
    one: bool


class PlainPredictor:
    """Answers plain requests of one service; what it needs is made when it is first asked."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._replies = Replies(service.manifest, service.release)

    def answer(self, body: bytes, *, content_type: str = "", accept: str = "") -> Answer:
        """`content_type` and `accept` are the headers of those names, empty where none came."""
        started = perf_counter_ns()
        try:
            return self._answer(body, _media_type(content_type), wants_csv(accept), started)
        except Exception as error:
            self._service.statistics.fail(perf_counter_ns() - started)
            if isinstance(error, TooLargeError):
                raise self._service.advised(error) from None
            raise

    def asked(self, body: bytes, *, content_type: str = "") -> Asked:
        """A request that is not computed yet, for who computes several together; told in JSON."""
        read = self._read(body, _media_type(content_type))
        outputs = [spec.name for spec in self._service.manifest.outputs]
        return Asked(outputs, self._service.tensors(read.tensors), partial(self._tell, read))

    def _answer(self, body: bytes, media_type: str, as_csv: bool, started: int) -> Answer:  # noqa: FBT001 - what it asks for
        steps: dict[str, float] = {}
        request = self._read(body, media_type)
        read = perf_counter_ns()
        outputs = self._service.predict(request.tensors, steps=steps)
        computed = perf_counter_ns()
        answer = self._told(request, outputs, steps, as_csv=as_csv)
        done = perf_counter_ns()
        stages = Stages(1, answer.rows, read - started, computed - read, done - computed)
        self._service.statistics.succeed(stages)
        return answer

    def _tell(self, read: _Read, outputs: Tensors, steps: Mapping[str, float]) -> Answer:
        return self._told(read, self._service.numbers(outputs), steps, as_csv=False)

    def _told(
        self, read: _Read, outputs: Tensors, steps: Mapping[str, float], *, as_csv: bool
    ) -> Answer:
        told = (
            self._replies.to_csv(outputs, rows=read.rows)
            if as_csv
            else self._replies.to_json(outputs, rows=read.rows, one=read.one)
        )
        self._check_answer(told)
        media_type = CSV if as_csv else JSON
        seen = (read.tensors, outputs)
        return Answer(told, read.rows, steps=steps, media_type=media_type, seen=seen)

    def _read(self, body: bytes, media_type: str) -> _Read:
        if self._is_image(body, media_type):
            reader = self._images
            read = _Read({reader.input: reader.read(body)}, 1, True)
        else:
            rows, one = self._rows(body, media_type)
            if len(rows) > self._most:
                raise TooLargeError(REQUEST, f"it has over {self._most} rows")
            read = _Read(self._fields.tensors(rows), len(rows), one)
        self._check(read.tensors)
        return read

    def _rows(self, body: bytes, media_type: str) -> tuple[list[Row], bool]:
        if media_type == TEXT and self._fields.takes_text:
            return [(_text(body),)], True
        if media_type == CSV:
            return self._csv.read(body, self._most), False
        return self._json.read(body)

    def _is_image(self, body: bytes, media_type: str) -> bool:
        if self._service.manifest.image is not None:
            return media_type.startswith("image/") or body.startswith(_MAGIC)
        if media_type.startswith("image/"):
            raise RequestError(REQUEST, "an image came; this model takes none")
        return False

    def _check_answer(self, told: bytes) -> None:
        most = self._service.limits.answer_bytes
        if len(told) > most:
            raise TooLargeError("the answer", f"it is over {most} bytes")

    def _check(self, tensors: Tensors) -> None:
        """Where a size within a row is open, only now is known what came."""
        elements, most = self._service.limits.elements, self._service.limits.text_length
        for name, tensor in tensors.items():
            if tensor.size > elements:
                raise TooLargeError(quoted(name), f"it has over {elements} elements")
            if tensor.dtype.hasobject and max(map(len, tensor.ravel()), default=0) > most:
                raise TooLargeError(
                    quoted(name), f"a text has over {most} characters", "Send shorter texts."
                )

    @cached_property
    def _fields(self) -> Fields:
        return Fields(self._service.manifest, self._service.limits)

    @cached_property
    def _most(self) -> int:
        """How many rows may come."""
        limits = self._service.limits
        return min(limits.rows, limits.elements // max(1, self._fields.elements))

    @cached_property
    def _json(self) -> JsonRows:
        return JsonRows(self._fields)

    @cached_property
    def _csv(self) -> "CsvRows":
        from wherry.plain.csv_rows import CsvRows

        return CsvRows(self._fields)

    @cached_property
    def _images(self) -> "ImageReader":
        from wherry.media.images import image_reader

        return cast("ImageReader", image_reader(self._service.manifest))  # `_is_image` has asked


def wants_csv(accept: str) -> bool:
    """Whether `accept` names CSV before anything that JSON is."""
    for told in accept.split(","):
        media_type = _media_type(told)
        if media_type == CSV:
            return True
        if media_type in _ANYTHING:
            return False
    return False


def _media_type(told: str) -> str:
    return told.partition(";")[0].strip().lower()


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(REQUEST, f"byte {error.start + 1} is no UTF-8", "Send UTF-8.") from None
