"""
One server as flows see it: asked with retries, its failures raised, what it says of models kept.

What is kept of a model may grow old when a release with other tensors goes live: `changed` asks
again, for who was refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from wherry.client import descriptions
from wherry.client.descriptions import Signature
from wherry.client.failures import FORBIDDEN, OK, UNAUTHORIZED, fetched, succeeded
from wherry.client.flow import Answer, Ask, Flow
from wherry.client.retries import Came, Retries, sent
from wherry.errors import NotFoundError, RequestError, WherryError
from wherry.limits import Limits


@dataclass(frozen=True)
class Server:
    """`model` is asked where a call names none; `timeout` bounds one attempt, in seconds."""

    url: str
    model: str | None
    timeout: float
    retries: Retries
    _signatures: dict[str, Signature] = field(default_factory=dict)
    _limits: dict[str, Limits] = field(default_factory=dict)
    _served: list[tuple[str, ...]] = field(default_factory=list)

    def where(self, ask: Ask) -> str:
        """An address that may be told: a signed one carries its permission in its query."""
        return ask.path.partition("?")[0] if ask.elsewhere else self.url + ask.path

    def came(self, ask: Ask, enough: Collection[int] = ()) -> Flow[Came]:
        """What came in the end, whatever it is."""
        return (yield from sent(ask, self.retries, self.timeout, enough))

    def ask(self, ask: Ask) -> Flow[Answer]:
        """An answer of success; anything else is raised."""
        came = yield from self.came(ask)
        check = fetched if ask.elsewhere else succeeded
        return check(came, self.where(ask))

    def named(self, model: str | None) -> Flow[str]:
        """The model that is meant: the named one, the client's own, or the only one there is."""
        known = model or self.model
        if known:
            return known
        if not self._served:
            ask = Ask("GET", "/v2/models")
            answer = yield from self.ask(ask)
            self._served.append(descriptions.models(answer, self.where(ask)))
        served = self._served[0]
        if len(served) != 1:
            told = ", ".join(served) or "none"
            raise RequestError("model", f"{self.url} serves {told}", "Name one: model=…")
        return served[0]

    def metadata(self, model: str) -> Flow[Any]:
        """What `GET /v2/models/{model}` says, as it is."""
        ask = _of(model)
        answer = yield from self.ask(ask)
        return descriptions.read(answer, dict[str, Any], self.where(ask))

    def signature(self, model: str) -> Flow[Signature]:
        """Asked once."""
        if model not in self._signatures:
            self._signatures[model] = yield from self._signature(model)
        return self._signatures[model]

    def changed(self, model: str) -> Flow[bool]:
        """Whether the model has other tensors than are known here; then these are known."""
        before = self._signatures.get(model)
        if before is None:
            return False
        try:
            now = yield from self._signature(model)
        except WherryError:
            return False
        self._signatures[model] = now
        return now != before

    def limits(self, model: str) -> Flow[Limits]:
        """Asked once; Lambda's, of a server that tells none."""
        if model not in self._limits:
            ask = _of(model, "/config")
            try:
                answer = yield from self.ask(ask)
                self._limits[model] = descriptions.limits(answer, self.where(ask))
            except NotFoundError:
                self._limits[model] = Limits()
        return self._limits[model]

    def ready(self, model: str | None) -> Flow[bool]:
        """Asked once and not again; a caller who is refused is told so."""
        ask = _of(model, "/ready") if model else Ask("GET", "/v2/health/ready")
        once = Retries(attempts=1)
        came = yield from sent(ask, once, self.timeout)
        if isinstance(came.answer, Answer):
            if came.answer.status in (UNAUTHORIZED, FORBIDDEN):
                succeeded(came, self.where(ask))
            return came.answer.status == OK
        return False

    def _signature(self, model: str) -> Flow[Signature]:
        ask = _of(model)
        answer = yield from self.ask(ask)
        return descriptions.signature(answer, self.where(ask))


def address(url: str) -> str:
    """A server's address, with the path of its stage; raise RequestError if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise RequestError("url", f"{url!r} came; http://… or https://… is wanted")
    return url.rstrip("/")


def _of(model: str, tail: str = "") -> Ask:
    return Ask("GET", f"/v2/models/{quote(model, safe='')}{tail}")
