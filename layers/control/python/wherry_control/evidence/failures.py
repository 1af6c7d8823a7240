"""
Requests that Lambda itself ended: what its platform lines say of them.

A request may leave several such lines, in one delivery or in two, in the text format or as JSON; it
is told here once a delivery, by its id, and whoever counts keeps one of each id. An `INIT_REPORT`
alone is no failed request: Lambda tries again, and only a failure in `Phase: invoke` costs one.
"""

import re
from dataclasses import dataclass, field

import msgspec

from wherry_control.evidence.counts import CRASH, INIT, MEMORY, TIMEOUT

REPORT = re.compile(
    r"REPORT RequestId: (?P<request>\S+).*\bStatus: (?P<status>\w+)"
    r"(?:\s+Error Type: (?P<type>\S+))?"
)
BIRTH = re.compile(
    r"(?:INIT_REPORT .*\bPhase: invoke\b|RESTORE_REPORT ).*\bStatus: (?:error|failure|timeout)"
)
TOO_LATE = re.compile(r"\S+ (?P<request>[0-9a-f-]{36}) Task timed out after ")
ENDED = re.compile(r"RequestId: (?P<request>\S+) Error: (?P<what>.*)")
KILLED = "signal: killed"
FINE = "success"
UNBORN = (
    "Runtime.ImportModuleError",
    "Runtime.HandlerNotFound",
    "Runtime.UserCodeSyntaxError",
    "Runtime.MalformedHandlerName",
    "Runtime.InvalidEntrypoint",
)
RANK = (CRASH, TIMEOUT, MEMORY, INIT)  # of two lines on one request, the one that says more


class _Record(msgspec.Struct, rename="camel"):
    status: str = ""
    request_id: str = ""
    error_type: str = ""
    phase: str = ""


class _Platform(msgspec.Struct):
    """A line of Lambda's own in the JSON log format."""

    type: str
    record: _Record


@dataclass
class Failures:
    """Reads lines in their order; `found` is the kind of error by the request's id."""

    found: dict[str, str] = field(default_factory=dict)
    unborn: bool = False  # the environment failed to come to life for the request that follows

    def read(self, line: str) -> str | None:
        """The id of the request that the line says has failed, if it says so."""
        if line.startswith("{"):
            return self._read_json(line)
        if told := REPORT.match(line):
            return self._ended(told["request"], told["status"], told["type"] or "")
        if BIRTH.match(line):
            self.unborn = True
        elif told := TOO_LATE.match(line):
            return self._note(told["request"], TIMEOUT)
        elif told := ENDED.match(line):
            return self._note(told["request"], MEMORY if KILLED in told["what"] else CRASH)
        return None

    def _read_json(self, line: str) -> str | None:
        try:
            told = msgspec.json.decode(line, type=_Platform)
        except msgspec.DecodeError:
            return None
        record = told.record
        if told.type == "platform.report":
            return self._ended(record.request_id, record.status, record.error_type)
        if (told.type, record.phase) == ("platform.initReport", "invoke") or (
            told.type == "platform.restoreReport"
        ):
            self.unborn = record.status != FINE
        return None

    def _ended(self, request: str, status: str, error: str) -> str | None:
        unborn, self.unborn = self.unborn, False
        if status == FINE:
            return None
        return self._note(request, INIT if unborn else kind_of(status, error))

    def _note(self, request: str, kind: str) -> str:
        self.found[request] = max(self.found.get(request, kind), kind, key=RANK.index)
        return request


def kind_of(status: str, error: str) -> str:
    """Of a report's status and error type."""
    if status == TIMEOUT or error == "Sandbox.Timedout":
        return TIMEOUT
    if error == "Runtime.OutOfMemory":
        return MEMORY
    return INIT if error in UNBORN else CRASH
