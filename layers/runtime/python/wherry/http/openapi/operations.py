"""
Each route's part of the document: what it takes, what it answers, and with which statuses.

By the names in the table of routes; one without a part here does not pass the tests.
"""

from collections.abc import Mapping
from typing import Any

from wherry.errors import RequestError
from wherry.http.openapi.feedback import feedback_operation
from wherry.http.openapi.jobs import job_operation, job_schemas
from wherry.http.openapi.plain import (
    plain_answer,
    plain_request,
    plain_schemas,
    plain_words,
)
from wherry.http.openapi.schema import JSON, Schema, array, content, open_object, ref
from wherry.http.openapi.tensors import tensor_request, tensor_schemas
from wherry.http.routes import JOB_ROUTES, Route
from wherry.plain.fields import Fields
from wherry.service import Service

PREDICTIONS, JOBS, MODEL, SERVER = "Predictions", "Jobs", "The model", "The server"

_ERRORS = {
    400: "The request is not one that this model can answer; the message says what to mend.",
    404: "Not served here: another model, or another version.",
    413: "The request, or the answer to it, is over a limit; the message says how much fits.",
    500: "The model failed on a valid request.",
}
_BOOL: Schema = {"type": "boolean"}
_TEXT: Schema = {"type": "string"}
_OBJECT: Schema = {"type": "object"}
_ANSWERS: Mapping[str, tuple[str, Schema]] = {
    "live": (SERVER, open_object({"live": _BOOL})),
    "ready": (SERVER, open_object({"ready": _BOOL})),
    "server": (SERVER, open_object({"name": _TEXT, "version": _TEXT, "extensions": array(_TEXT)})),
    "models": (SERVER, open_object({"models": array(_TEXT)})),
    "model": (MODEL, ref("ModelMetadata")),
    "model_ready": (MODEL, open_object({"name": _TEXT, "ready": _BOOL})),
    "config": (MODEL, open_object({"name": _TEXT, "platform": _TEXT, "parameters": _OBJECT})),
    "stats": (MODEL, open_object({"model_stats": array(_OBJECT)})),
}

BINARY = "application/octet-stream"
_HEADER_LENGTH: Schema = {
    "name": "Inference-Header-Content-Length",
    "in": "header",
    "schema": {"type": "integer", "minimum": 0},
    "description": "How much of the body is JSON, where binary tensors follow it. "
    "Without it, all of the body is.",
}
_HEADERS: Schema = {
    f"x-wherry-{name}": {"description": told, "schema": _TEXT}
    for name, told in {
        "prediction-id": "Unique to this request.",
        "model": "The model that answered.",
        "version": "Its model version.",
        "release": "The Lambda version that answered; `local` outside Lambda.",
        "digest": "The artifact that answered.",
        "experiment": "Of a subject of one: its name.",
        "arm": "The arm of the experiment that answered.",
        "arm-unavailable": "The arm that could not be loaded: the control answered.",
    }.items()
}


class Operations:
    """The parts for one service; `jobs`: whether it takes jobs."""

    def __init__(self, service: Service, *, jobs: bool = False) -> None:
        self._jobs = jobs
        self.tags = (PREDICTIONS, *([JOBS] if jobs else ()), MODEL, SERVER)
        self._manifest = service.manifest
        self._release = service.release
        self._fields = _fields(service)

    def schemas(self) -> Mapping[str, Schema]:
        """What the document's components hold."""
        return {
            "Error": open_object({"error": _TEXT}),
            **tensor_schemas(self._manifest, self._release),
            **self._plain_schemas(),
            **(job_schemas() if self._jobs else {}),
        }

    def of(self, route: Route) -> dict[str, Any] | None:
        """
        What OpenAPI calls an operation, but for its id and its summary.

        None for plain rows where the model takes none.
        """
        parameters = self._parameters(route.template)
        if route in JOB_ROUTES:
            return self._job(route, parameters)
        if route.name == "predict":
            return self._plain_prediction(parameters)
        if route.name == "infer":
            asked = self._tensors()
            answer = {**content(JSON, ref("InferResponse")), BINARY: {}}
            return self._prediction([*parameters, _HEADER_LENGTH], asked, answer)
        if route.name == "feedback":
            refused = _refused(400, 413)
            return {"tags": [PREDICTIONS], "parameters": [], **feedback_operation(refused)}
        tag, schema = _ANSWERS[route.name]
        responses = _responses(content(JSON, schema), *([404] if parameters else []))
        return {"tags": [tag], "parameters": parameters, "responses": responses}

    def _tensors(self) -> Schema:
        return {**tensor_request(self._manifest), BINARY: {}}

    def _job(self, route: Route, parameters: list[Schema]) -> Schema | None:
        body = self._tensors()
        if route.name == "infer_job":
            parameters = [*parameters, _HEADER_LENGTH]
        if route.name == "predict_job":
            if self._fields is None:
                return None
            body = plain_request(self._manifest, self._fields)
        if "{job}" in route.template:
            told: Schema = {"name": "job", "in": "path", "required": True, "schema": _TEXT}
            parameters = [*parameters, told]
        return {"tags": [JOBS], **job_operation(route, parameters, body, _refused)}

    def _plain_schemas(self) -> Mapping[str, Schema]:
        if self._fields is None:
            return {}
        return plain_schemas(self._manifest, self._release, self._fields)

    def _plain_prediction(self, parameters: list[Schema]) -> Schema | None:
        if self._fields is None:
            return None
        asked = plain_request(self._manifest, self._fields)
        told = self._prediction(parameters, asked, plain_answer())
        return {**told, "description": plain_words(self._fields)}

    def _prediction(self, parameters: list[Schema], asked: Schema, answer: Schema) -> Schema:
        responses = _responses(answer, *_ERRORS)
        responses["200"]["headers"] = _HEADERS
        return {
            "tags": [PREDICTIONS],
            "parameters": parameters,
            "requestBody": {"required": True, "content": asked},
            "responses": responses,
        }

    def _parameters(self, template: str) -> list[Schema]:
        values = {"model": self._release.model, "version": str(self._release.version)}
        return [
            {"name": name, "in": "path", "required": True, "schema": {**_TEXT, "enum": [value]}}
            for name, value in values.items()
            if f"{{{name}}}" in template
        ]


def _fields(service: Service) -> Fields | None:
    """None where a row of the model has no plain form."""
    try:
        return Fields(service.manifest, service.limits)
    except RequestError:
        return None


def _responses(answer: Schema, *errors: int) -> Schema:
    return {"200": {"description": "The answer.", "content": answer}, **_refused(*errors)}


def _refused(*errors: int) -> Schema:
    error = content(JSON, ref("Error"))
    return {str(status): {"description": _ERRORS[status], "content": error} for status in errors}
