"""What the document says of jobs, where there are any."""

from collections.abc import Callable, Mapping
from typing import Any

from wherry.http.openapi.schema import JSON, Schema, content, open_object, ref
from wherry.http.routes import Route

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_BYTES: Schema = {"type": "integer", "minimum": 0}
_HEADERS: Schema = {"type": "object", "additionalProperties": _TEXT}
_STATES = ("waiting", "queued", "running", "succeeded", "failed", "cancelled", "expired")
_LINK: Schema = {"url": _TEXT, "bytes": _BYTES, "headers": _HEADERS, "expires": _TIME}

_WORDS = {
    409: "Not in the state for that: the message says which it is in, or what is missing.",
    422: "The same Idempotency-Key came with another request.",
}
_OPTIONS: list[Schema] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "The same key with the same request is the same job.",
    },
    {
        "name": "x-wherry-upload",
        "in": "header",
        "schema": {"type": "integer", "minimum": 1},
        "description": "The input comes later, as large as that, and this request has no body.",
    },
]


_JOB: Mapping[str, Schema] = {
    "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "status": {"enum": list(_STATES)},
    "url": {**_TEXT, "description": "Where it is, below the address of the API."},
    "model": _TEXT,
    "version": _TEXT,
    "release": _TEXT,
    "created": _TIME,
    "expires": _TIME,
    "upload": {
        **open_object({"method": {"const": "PUT"}, **_LINK}),
        "description": "Where the input of a waiting job goes.",
    },
    "result": {
        **open_object(_LINK),
        "description": "Where the answer of one that succeeded is; `headers` are its.",
    },
    "error": {**_TEXT, "description": "Why it failed."},
    "error_status": {"type": "integer", "description": "What a request would have got."},
}


def job_schemas() -> Mapping[str, Schema]:
    """By their names in the document."""
    return {"Job": open_object(dict(_JOB), "upload", "result", "error", "error_status")}


def job_operation(
    route: Route, parameters: list[Schema], body: Schema, refused: Callable[..., Schema]
) -> dict[str, Any]:
    """`body` is what a request of the same form takes; `refused` the answers of some statuses."""
    told = content(JSON, ref("Job"))
    match route.name:
        case "infer_job" | "predict_job":
            return {
                "parameters": [*parameters, *_OPTIONS],
                "requestBody": {"required": False, "content": body},
                "responses": {
                    "202": {"description": "The job.", "content": told},
                    **refused(400, 404, 413),
                    **_ours(422),
                },
            }
        case "start_job":
            answers = {"202": {"description": "It was started: now, or before.", "content": told}}
            responses = {**answers, **refused(404), **_ours(409)}
        case "job":
            answers = {"200": {"description": "What became of it.", "content": told}}
            responses = {**answers, **refused(404)}
        case _:
            responses = {"204": {"description": "Nothing of it is kept."}, **refused(404)}
    return {"parameters": parameters, "responses": responses}


def _ours(status: int) -> Schema:
    return {str(status): {"description": _WORDS[status], "content": content(JSON, ref("Error"))}}
