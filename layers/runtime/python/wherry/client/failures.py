"""
The one table from what came to errors of the tree: the server's own words, and what to do.

A caller sees no status where an error says it better, and nothing of the HTTP library.
"""

import re
from collections.abc import Mapping

import orjson

from wherry.client.flow import Answer, NoAnswer
from wherry.client.retries import INTERNAL, Came
from wherry.errors import (
    CloudError,
    CredentialsError,
    ModelError,
    NotFoundError,
    RequestError,
    TooLargeError,
    WherryError,
)

OK, MULTIPLE = 200, 300
BAD, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_LARGE = 400, 401, 403, 404, 413
PREDICTION_ID = "x-wherry-prediction-id"

_WORDS = 300
_MESSAGE = re.compile(rb"<Message>([^<]+)</Message>")
_KINDS: Mapping[int, type[RequestError]] = {NOT_FOUND: NotFoundError, TOO_LARGE: TooLargeError}


def succeeded(came: Came, where: str) -> Answer:
    """The answer, if it is one of success; else raise what it means."""
    answer = came.answer
    if isinstance(answer, NoAnswer):
        what = f"no answer ({answer.reason}{_times(came)})"
        raise CloudError(where, what, "See that it runs, and that the address is right.")
    if OK <= answer.status < MULTIPLE:
        return answer
    raise failure(came, answer, where)


def fetched(came: Came, where: str) -> Answer:
    """The same of a link that carries its own permission: no key of the caller's is wrong there."""
    answer = came.answer
    if isinstance(answer, NoAnswer) or answer.status < BAD:
        return succeeded(came, where)
    what = f"{answer.status}: {words_of(answer.body)}{_times(came)}"
    raise CloudError(where, what, "Its time may be over: ask for the result again.")


def failure(came: Came, answer: Answer, where: str) -> WherryError:
    """What an answer that is none of success means."""
    words = words_of(answer.body)
    match answer.status:
        case 401 | 403:
            return CredentialsError(
                where, f"{answer.status}: {words}", "Give api_key=…, or auth=SigV4(…)."
            )
        case 429:
            return CloudError(
                where, f"429: {words}{_times(came)}", "Ask less often, or raise the throttle."
            )
        case status if BAD <= status < INTERNAL:
            return _KINDS.get(status, RequestError)(where, words)
        case 500:
            told = answer.headers.get(PREDICTION_ID, "")
            of = f" (prediction {told})" if told else ""
            return ModelError(where, f"500: {words}{of}", "The server's log says why.")
        case status if status > INTERNAL:
            return CloudError(
                where, f"{status}: {words}{_times(came)}", "The server's log says why."
            )
    return stranger(where, f"it answers {answer.status}")


def stranger(where: str, what: str) -> CloudError:
    """Something else than a model server answers there, or what it sent came broken."""
    return CloudError(where, what, "Correct the address, if no model is served there.")


def words_of(body: bytes) -> str:
    """What an error says in the shape of the protocol, API Gateway or S3, or as the body begins."""
    try:
        told = orjson.loads(body)
        words = told.get("error") or told.get("message")
    except (orjson.JSONDecodeError, AttributeError):
        found = _MESSAGE.search(body)
        words = (found[1] if found else body).decode("utf-8", "replace").strip().partition("\n")[0]
    return str(words or "it gives no reason")[:_WORDS]


def _times(came: Came) -> str:
    return "" if came.tried == 1 else f", {came.tried} times"
