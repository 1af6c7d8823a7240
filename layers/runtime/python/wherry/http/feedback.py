"""
Feedback: what became of a prediction, told later by its id, and kept as one log line each.

Nothing is looked up here and no AWS call is made: the roll-up joins a line to its prediction, and
knows late, repeated and unknown ids. Nothing of a request is kept but what a line has a place for.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import time
from typing import Any

import msgspec
import orjson

from wherry.errors import RequestError, TooLargeError
from wherry.evidence import SERVICE
from wherry.experiments.spec import METRIC
from wherry.http.errors import json_reply
from wherry.http.wire import Reply, Request
from wherry.release import Release

MOST = 100  # in one request
GREATEST = 1e9  # of a value, either way
LONGEST = 64 * 1024  # bytes of a request
ACCEPTED = 202
WHERE = "the feedback"
EXAMPLE = '{"prediction_id": "<32 hex>", "metric": "clicked", "value": 1}'

_ID = re.compile(r"[0-9a-f]{32}")
_METRIC = re.compile(METRIC)
_SHOWN = 64


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`metric` is what was measured; `value` is 1 where it only happened."""

    prediction_id: str
    metric: str
    value: float = 1


_DECODER = msgspec.json.Decoder(Outcome | list[Outcome])


class Feedback:
    """
    Takes outcomes, for one release; each becomes a JSON line that `write` gets.

    Without `write` they are checked, accepted and kept nowhere. `now` gives the seconds since 1970.
    """

    def __init__(
        self,
        release: Release,
        write: Callable[[str], None] | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self._write = write
        self._now = now
        self._constant = {
            "level": "INFO",
            "message": "feedback",
            "service": SERVICE,
            "model": release.model,
            "release": release.name,  # that took it, which need not be the one that predicted
        }

    def take(self, request: Request) -> Reply:
        """Answer how many were accepted; raise RequestError, and accept none, if one is wrong."""
        outcomes = read(_body(request))
        if self._write is not None:
            self._write(self._lines(outcomes))
        return json_reply({"accepted": len(outcomes)}, ACCEPTED)

    def _lines(self, outcomes: Sequence[Outcome]) -> str:
        """All at once: some of them would be told again with the rest."""
        told = {**self._constant, "timestamp": datetime.fromtimestamp(self._now(), UTC)}
        lines = [
            orjson.dumps(
                {**told, **msgspec.structs.asdict(outcome)}, option=orjson.OPT_APPEND_NEWLINE
            )
            for outcome in outcomes
        ]
        return b"".join(lines).decode()


def read(body: bytes) -> Sequence[Outcome]:
    """One outcome, or a list of up to MOST; RequestError names what is wrong and where."""
    try:
        told = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(WHERE, str(error)[:200], f"Send {EXAMPLE}, or a list of such.") from None
    if not isinstance(told, list):
        _check(WHERE, told)
        return [told]
    if not 0 < len(told) <= MOST:
        raise RequestError(WHERE, f"{len(told)} outcomes came; 1 to {MOST} are wanted")
    for number, outcome in enumerate(told, 1):
        _check(f"{WHERE}, outcome {number}", outcome)
    return told


def _check(where: str, outcome: Outcome) -> None:
    if _ID.fullmatch(outcome.prediction_id) is None:
        wanted = "the 32 hexadecimal digits of x-wherry-prediction-id"
        raise _wrong(f"{where}: prediction_id", outcome.prediction_id, wanted)
    if _METRIC.fullmatch(outcome.metric) is None:
        wanted = "a letter, then up to 39 of a-z, 0-9 and _"
        raise _wrong(f"{where}: metric", outcome.metric, wanted)
    if not math.isfinite(outcome.value) or abs(outcome.value) > GREATEST:
        raise _wrong(
            f"{where}: value", outcome.value, f"a number of at most {GREATEST:g} either way"
        )


def _wrong(where: str, came: Any, wanted: str) -> RequestError:
    return RequestError(where, f"{str(came)[:_SHOWN]!r} came; {wanted} is wanted")


def _body(request: Request) -> bytes:
    """Without its content coding, if it has one."""
    if len(request.body) > LONGEST:
        raise TooLargeError(WHERE, f"it is over {LONGEST} bytes", f"Send {MOST} at once at most.")
    coding = request.headers.get("content-encoding")
    if coding is None:
        return request.body
    from wherry.http.coding import plain

    return plain(request.body, coding, LONGEST)
