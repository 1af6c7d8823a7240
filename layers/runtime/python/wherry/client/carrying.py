"""
Between a flow and httpx: a request of ours as one of its, what it got, and what went wrong with it.

None of its errors goes further: a flow is told that no answer came, and why.
"""

from typing import Any

import httpx

from wherry import __version__
from wherry.client.flow import Answer, NoAnswer, Send
from wherry.errors import RequestError

Broken = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)  # callers bound them
_AGENT = f"wherry/{__version__}"
# What our own request does wrong; it would do so again.
_OURS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


def headers_of(api_key: str | None) -> dict[str, str]:
    """What every request to the API carries, and no other."""
    if api_key is None:
        return {}
    if not (api_key.isascii() and api_key.isprintable() and api_key):
        raise RequestError("api_key", "it is empty, or has what no key has", "Correct it.")
    return {"x-api-key": api_key}


def request_of(send: Send, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """The arguments of httpx's `build_request`."""
    ask = send.ask
    return {
        "method": ask.method,
        "url": ask.path if ask.elsewhere else url + ask.path,
        "headers": {"user-agent": _AGENT, **({} if ask.elsewhere else headers), **ask.headers},
        "content": ask.body or None,
        "timeout": send.seconds,
    }


def answer_of(response: httpx.Response) -> Answer:
    """What came, whole."""
    return Answer(response.status_code, dict(response.headers), response.content)


def no_answer(error: Exception) -> NoAnswer:
    """Why none came."""
    again = isinstance(error, httpx.TransportError) and not isinstance(error, _OURS)
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return NoAnswer(reason, again=again, late=isinstance(error, httpx.ReadTimeout))
