"""
Ask a deployed model over HTTP, as any caller would: with the API key, or signed by IAM.

It sends the Open Inference Protocol and reads Wherry's headers; nothing here reaches into the
function, so what it tells is what callers get.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wherry.errors import CloudError, RequestError, UsageError
from wherry.manifest import GOLDEN
from wherry_control.tensors import infer_request

if TYPE_CHECKING:
    import httpx

OK = 200
JSON = "application/json"
MEDIA_TYPES = {
    ".csv": "text/csv", ".txt": "text/plain", ".json": JSON,
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
}  # fmt: skip
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


@dataclass(frozen=True)
class PlainPrediction:
    """The answers to plain rows, an image or a text, and who gave them."""

    predictions: Sequence[Mapping[str, Any]]
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
        return Prediction(outputs=_part(answer, "outputs"), **_told(answer))

    def predict(self, model: str, body: bytes, media_type: str) -> PlainPrediction:
        """Send a plain body as it is; one row's answer is a list of one."""
        answer = self._ask("POST", f"/predict/{model}", body, media_type)
        found = _part(answer, "predictions", "prediction")
        return PlainPrediction(found if isinstance(found, list) else [found], **_told(answer))

    def _ask(self, method: str, path: str, body: bytes, media_type: str = JSON) -> "httpx.Response":
        import httpx

        url = self._url + path
        headers = {"content-type": media_type, **self._sign(method, url, body)}
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


def ask(
    caller: Caller,
    model: str,
    inputs: Any,
    times: int,
    *,
    each: bool = False,
    pace: Callable[[], None] = lambda: None,
) -> list[Prediction]:
    """
    Ask `times` times; rows without a name go to the model's one input.

    With `each`, a request is one row, and the rows take turns. `pace` is called before each.
    """
    datatypes = caller.datatypes(model)
    if not isinstance(inputs, dict):
        if len(datatypes) != 1:
            raise UsageError(
                "--data", "the model has several inputs", f"Name them: {', '.join(datatypes)}."
            )
        inputs = {next(iter(datatypes)): inputs}
    parts = _rows(inputs) if each else [inputs]
    requests = cycle([infer_request(part, datatypes) for part in parts])
    return [_paced(caller, model, request, pace) for request in islice(requests, times)]


def _rows(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each row by itself."""
    if not all(isinstance(rows, list) and rows for rows in inputs.values()):
        raise UsageError("--each", "the data holds no rows", "Give a list of rows.")
    return [
        {name: [row] for name, row in zip(inputs, rows, strict=True)}
        for rows in zip(*inputs.values(), strict=False)
    ]


def _paced(
    caller: Caller, model: str, request: Mapping[str, Any], pace: Callable[[], None]
) -> Prediction:
    pace()
    return caller.infer(model, request)


def ask_plainly(caller: Caller, model: str, file: Path, times: int) -> list[PlainPrediction]:
    """Send a file as it is; what it holds is told by how its name ends."""
    media_type = MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise UsageError(
            f"--file {file}", "what it holds does not show", f"Name it {', '.join(MEDIA_TYPES)}."
        )
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--file {file}", f"it cannot be read ({error.strerror})") from error
    return [caller.predict(model, body, media_type) for _ in range(times)]


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


def split_by_release(predictions: Iterable[Prediction | PlainPrediction]) -> dict[str, int]:
    """How many answers each release gave, in order of release."""
    counts = Counter(prediction.release for prediction in predictions)
    return dict(sorted(counts.items()))


def _told(answer: "httpx.Response") -> dict[str, str]:
    """Who gave it."""
    names = ("version", "release", "digest", "prediction-id")
    told = {name: answer.headers.get(f"x-wherry-{name}", "") for name in names}
    return {
        "model_version": told["version"], "release": told["release"],
        "digest": told["digest"], "prediction_id": told["prediction-id"],
    }  # fmt: skip


def _part(answer: "httpx.Response", *names: str) -> Any:
    """The first of these parts that it has; CloudError if somebody else answers there."""
    try:
        told = answer.json()
        return next(told[name] for name in names if name in told)
    except (ValueError, TypeError, LookupError, StopIteration) as error:
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
