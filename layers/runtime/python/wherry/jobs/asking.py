"""
A request for a job, read: what it is to be called, how large its input is, what makes it itself.

All of it is checked before anything is kept.
"""

from hashlib import sha256
from typing import Any

from wherry.errors import RequestError, TooLargeError
from wherry.http.hooks import Chosen
from wherry.http.wire import Request
from wherry.jobs.contract import IDEMPOTENCY_KEY, READ_BY, UPLOAD, WRITTEN_BY, Job, Kind
from wherry.jobs.owner import owner_of
from wherry.jobs.settings import JobRules
from wherry.jobs.store import new_token
from wherry.pinned import Pinned

_LONGEST_KEY = 255
_DIGITS = 15  # of a number of bytes: a petabyte
_HOUR = 3600


def announced(request: Request, rules: JobRules) -> int | None:
    """How many bytes will be uploaded; None where the input is the request's own body."""
    text = request.headers.get(UPLOAD)
    if text is None:
        return None
    if request.body:
        raise RequestError(UPLOAD, "a body came too", "Send the one or the other.")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text)):
        raise RequestError(UPLOAD, f"{text[:64]!r} came; a number of bytes is wanted")
    if int(text) > rules.most_bytes:
        raise TooLargeError(
            UPLOAD, f"a job takes {rules.most_bytes} bytes at most", "Make several of it."
        )
    return int(text)


def wanted(kind: Kind, request: Request, chosen: Chosen, rules: JobRules, now: float) -> Job:
    """The job that it asks for, unless the same was asked before."""
    release, owner, size = chosen.service.release, owner_of(request), announced(request, rules)
    headers = _headers(request)
    return Job(
        id=_id(request, owner),
        owner=owner,
        revision=new_token(),
        status="queued" if size is None else "waiting",
        kind=kind,
        pinned=Pinned(release.name, release.version, release.digest),
        place=new_token(),
        content=_content([kind, sorted(headers.items()), size], request.body),
        bytes=len(request.body) if size is None else size,
        created=now,
        expires=now + rules.keep_hours * _HOUR,
        headers=headers,
        labels=chosen.labels,
    )


def _headers(request: Request) -> dict[str, str]:
    """Those that bear on the answer."""
    told = {
        name: request.headers[name] for name in (*READ_BY, *WRITTEN_BY) if name in request.headers
    }
    for name, value in told.items():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise RequestError(name, "it is no text") from None
    return told


def _id(request: Request, owner: str) -> str:
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return new_token()
    if not (0 < len(key) <= _LONGEST_KEY and key.isprintable()):
        raise RequestError(
            "Idempotency-Key", f"1 to {_LONGEST_KEY} printable characters are wanted"
        )
    return sha256(_bytes(f"{owner} {key}")).hexdigest()[:32]


def _content(asked: list[Any], body: bytes) -> str:
    told = sha256(_bytes(repr(asked)))
    told.update(body)
    return told.hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
