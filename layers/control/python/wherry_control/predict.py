"""
Ask a deployed model over HTTP, as any caller would: with the API key, or signed by IAM.

It sends the Open Inference Protocol and reads Wherry's headers; nothing here reaches into the
function, so what it tells is what callers get.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wherry.errors import CloudError, RequestError, UsageError
from wherry.manifest import GOLDEN
from wherry_control.tensors import infer_request

if TYPE_CHECKING:
    import httpx

OK = 200
CLIENT_ERRORS = range(400, 500)
Signer = Callable[[str, str, bytes], Mapping[str, str]]


@dataclass(frozen=True)
class Prediction:
    """One answer: its outputs, and who gave it."""

    outputs: Sequence[Mapping[str, Any]]
    model_version: str
    release: str
    digest: str
    prediction_id: str


def with_key(key: str) -> Signer:
    """Callers of an API with a usage plan send their key."""
    return lambda _method, _url, _body: {"x-api-key": key}


def unsigned(_method: str, _url: str, _body: bytes) -> Mapping[str, str]:
    """For `wherry serve`, which asks for no key."""
    return {}


def with_iam(credentials: Any, region: str, service: str = "execute-api") -> Signer:
    """Callers of an API with IAM auth sign each request (SigV4); of a function URL, as `lambda`."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    def sign(method: str, url: str, body: bytes) -> Mapping[str, str]:
        request = AWSRequest(method, url, {"host": urlsplit(url).netloc}, body)
        SigV4Auth(credentials.get_frozen_credentials(), service, region).add_auth(request)
        return dict(request.headers)

    return sign


class Caller:
    """Asks one address; the HTTP client is an argument."""

    def __init__(self, client: "httpx.Client", url: str, sign: Signer) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._sign = sign

    def datatypes(self, model: str) -> dict[str, str]:
        """The model's inputs, as its metadata describes them."""
        told = _part(self._ask("GET", f"/v2/models/{model}", b""), "inputs")
        return {tensor["name"]: tensor["datatype"] for tensor in told}

    def infer(self, model: str, request: Mapping[str, Any]) -> Prediction:
        try:
            body = json.dumps(request, allow_nan=False).encode()
        except ValueError as error:
            raise UsageError("--data", "it holds a number that JSON cannot hold (NaN, 1e999 …)",
                             "Leave that row out.") from error  # fmt: skip
        answer = self._ask("POST", f"/v2/models/{model}/infer", body)
        told = answer.headers
        return Prediction(
            outputs=_part(answer, "outputs"),
            model_version=told.get("x-wherry-version", ""),
            release=told.get("x-wherry-release", ""),
            digest=told.get("x-wherry-digest", ""),
            prediction_id=told.get("x-wherry-prediction-id", ""),
        )

    def _ask(self, method: str, path: str, body: bytes) -> "httpx.Response":
        import httpx

        url = self._url + path
        headers = {"content-type": "application/json", **self._sign(method, url, body)}
        try:
            answer = self._client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CloudError(url, f"no answer ({error})", "Is it deployed and running?") from error
        if answer.status_code == OK:
            return answer
        told = f"{answer.status_code}: {error_text(answer.text)}"
        if answer.status_code in CLIENT_ERRORS:
            raise RequestError(url, told)
        raise CloudError(url, told, "The server's log says why.")


def ask(caller: Caller, model: str, inputs: Any, times: int) -> list[Prediction]:
    """Ask the same `times` times; rows without a name go to the model's one input."""
    datatypes = caller.datatypes(model)
    if not isinstance(inputs, dict):
        if len(datatypes) != 1:
            raise UsageError(
                "--data", "the model has several inputs", f"Name them: {', '.join(datatypes)}."
            )
        inputs = {next(iter(datatypes)): inputs}
    request = infer_request(inputs, datatypes)
    return [caller.infer(model, request) for _ in range(times)]


def read_inputs(data: str | None, folder: Path) -> Any:
    """What --data says: JSON, or @FILE; without it, the model's first golden example."""
    source = str(folder / GOLDEN) if data is None else "--data"
    try:
        if data is None:
            return json.loads((folder / GOLDEN).read_bytes())["examples"][0]["inputs"]
        return json.loads(Path(data[1:]).read_bytes() if data.startswith("@") else data)
    except (OSError, ValueError, LookupError) as error:
        raise UsageError(
            source, f"it cannot be read as JSON ({error})", "Try --data '[[5.1, 3.5, 1.4, 0.2]]'."
        ) from error


def split_by_release(predictions: Iterable[Prediction]) -> dict[str, int]:
    """How many answers each release gave, in order of release."""
    counts = Counter(prediction.release for prediction in predictions)
    return dict(sorted(counts.items()))


def _part(answer: "httpx.Response", name: str) -> Any:
    """That part of an answer in the protocol; CloudError if somebody else answers there."""
    try:
        return answer.json()[name]
    except (ValueError, TypeError, LookupError) as error:
        raise CloudError(
            str(answer.url), "what answers there is no model", "Correct the address."
        ) from error


def error_text(body: str) -> str:
    """The message of an error in the protocol's shape, or API Gateway's, or the body's start."""
    try:
        told = json.loads(body)
        return str(told.get("error") or told.get("message"))
    except (ValueError, AttributeError):
        return body.strip().partition("\n")[0][:300] or "no body"
