"""
Golden replay: a candidate must answer the golden examples before it gets any live request.

The examples come from the candidate's own artifact, by digest, so they are the ones that it was
published with; they go to the candidate's *version*, by a direct invoke of the very event that API
Gateway would send. Labels must match exactly, floating-point outputs within a tolerance.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wherry.artifact import Artifact
from wherry.errors import ModelError, RefusedError
from wherry.golden import TOLERANCE, alike
from wherry.manifest import GOLDEN, Manifest
from wherry_control.functions import Functions
from wherry_control.releases import Release
from wherry_control.rollouts.plan_file import load_plan
from wherry_control.tensors import flat, infer_request

OK = 200


@dataclass(frozen=True, kw_only=True)
class GoldenReplay:
    """`load` fetches an artifact's golden examples from the store by the artifact's digest."""

    functions: Functions
    load: Callable[[str], Artifact]
    tolerance: Callable[[str], float] = lambda _model: TOLERANCE

    def __call__(self, model: str, function: str, release: Release) -> int:
        """Return how many examples passed; raise RefusedError at the first that does not."""
        where = f"release {release.release} of {model}"
        if not release.digest:
            raise RefusedError(where, "it pins no artifact", "Deploy it again with this Wherry.")
        artifact = self.load(release.digest)
        examples = json.loads(artifact.files[GOLDEN])["examples"]
        for example in examples:
            event = infer_event(model, artifact.manifest, example)
            told = ask(self.functions, function, release, event)
            for name, wanted in example["expect"].items():
                allowed = float(example.get("tolerance", self.tolerance(model)))
                _compare(f"{where}, example {example['name']!r}", told.get(name), wanted, allowed)
        return len(examples)


def ask(
    functions: Functions, function: str, release: Release, event: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """What a release answers, straight at its version; RefusedError unless it is an answer."""
    where = f"{function}:{release.release}"
    try:
        answer = functions.invoke(function, release.release, event)
    except ModelError as error:
        raise RefusedError(where, error.what, "Nothing was moved; see its log.") from error
    body = answer.get("body") or ""
    text = base64.b64decode(body) if answer.get("isBase64Encoded") else body
    if answer.get("statusCode") != OK:
        raise RefusedError(
            where, f"it answers {answer.get('statusCode')}: {text!s:.300}", "Nothing was moved."
        )
    return {item["name"]: flat(item["data"]) for item in json.loads(text)["outputs"]}


def infer_event(model: str, manifest: Manifest, example: Mapping[str, Any]) -> dict[str, Any]:
    """The event that API Gateway's REST API (payload 1.0) sends for an inference request."""
    datatypes: dict[str, str] = {tensor.name: tensor.datatype for tensor in manifest.inputs}
    request = infer_request(example["inputs"], datatypes)
    path = f"/v2/models/{model}/infer"
    headers = {"content-type": "application/json", "accept": "application/json"}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": "POST",
            "path": path,
            "protocol": "HTTP/1.1",
            "stage": "golden",
            "requestId": "golden-replay",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "wherry-golden"},
        },
        "body": base64.b64encode(json.dumps(request).encode()).decode(),
        "isBase64Encoded": True,
    }


def golden_tolerance(folder: Path) -> float:
    """`[rollout] golden_tolerance` of a model folder; the whole table is checked."""
    return load_plan(folder).golden_tolerance


def _compare(where: str, told: list[Any] | None, wanted: Any, tolerance: float) -> None:
    expected = flat(wanted)
    if not alike(told, expected, tolerance):
        raise RefusedError(
            where,
            f"it answers {told}, where {expected} is expected",
            "Nothing was moved. Train a better version, or correct golden.json.",
        )
