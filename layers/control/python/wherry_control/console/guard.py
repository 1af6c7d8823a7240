"""
Who may ask the console: whoever has the token, from this machine, under one of its two names.

A page that acts on live traffic must not be driven by another page in the same browser. So the Host
must be this console's own (DNS rebinding), a deed must come from its own origin with the token in
a header that no other origin can set, and nothing can frame it, load it or put a script into it.
Browsers send a cookie to every port of a host: the cookie is another word than the token, and it
reads, but never acts.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from wherry.errors import RefusedError

TOKEN_HEADER = "x-wherry-token"  # noqa: S105 - a header's name
NAMES = ("127.0.0.1", "localhost")
READS = frozenset({"GET", "HEAD"})
AGAIN = "Open the address that `wherry console` printed."
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True)
class Guard:
    """The secrets and names of one console, which listens on `port` of the loopback."""

    token: str
    port: int

    @property
    def cookie(self) -> str:
        """The cookie's name: of this port, since a browser keeps one jar for all of a host's."""
        return f"wherry-console-{self.port}"

    @property
    def word(self) -> str:
        """What the cookie holds: made of the token, which cannot be made of it."""
        return hashlib.sha256(f"cookie of {self.token}".encode()).hexdigest()

    def check(self, request: Request) -> None:
        """RefusedError says why not."""
        host = request.headers.get("host", "")
        if host not in {f"{name}:{self.port}" for name in NAMES}:
            raise RefusedError(f"host {host[:80]!r}", "this console has another name", AGAIN)
        if request.method not in READS:
            self._check_deed(request, host)
        elif not self._may_read(request):
            raise RefusedError("console", "the token is missing or not this console's", AGAIN)

    def _check_deed(self, request: Request, host: str) -> None:
        origin = request.headers.get("origin", "")
        if origin != f"http://{host}":
            told = f"origin {origin[:80]!r}" if origin else "a request without an origin"
            raise RefusedError(told, "only the console's own page may act", AGAIN)
        if not _same(request.headers.get(TOKEN_HEADER, ""), self.token):
            raise RefusedError("console", "the token is missing or not this console's", AGAIN)

    def _may_read(self, request: Request) -> bool:
        given = request.query_params.get("token") or request.headers.get(TOKEN_HEADER, "")
        kept = _cookies(request.headers.get("cookie", ""), self.cookie)
        return _same(given, self.token) or any(_same(each, self.word) for each in kept)

    def seal(self, request: Request, response: Response) -> Response:
        """Its headers; and the cookie, for whoever came with the token in the address."""
        response.headers.update(HEADERS)
        response.headers.setdefault("cache-control", "no-store")
        refused = response.status_code >= HTTPStatus.BAD_REQUEST
        if request.method in READS and "token" in request.query_params and not refused:
            response.set_cookie(self.cookie, self.word, httponly=True, samesite="strict", path="/")
        return response


def _cookies(header: str, name: str) -> list[str]:
    """
    Of all that this machine's other pages left in the one jar: theirs need not be well-formed.

    The standard library's parser gives up at the first that is not, such as one that holds JSON.
    """
    pairs = (each.strip().partition("=") for each in header.split(";"))
    return [value for key, _, value in pairs if key == name]


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
