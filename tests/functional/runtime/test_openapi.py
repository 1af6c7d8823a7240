"""
The app does what its OpenAPI document says: Schemathesis reads it, and sends what it allows and
what it forbids.
"""

import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.support.onnx_models import identity
from tests.support.plain_models import classifier, imputing, of_images, several
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.http import App
from wherry.http.openapi.schema import JSON
from wherry.http.routes import ROUTES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own, about the test client that it uses
    from schemathesis import Case
    from schemathesis.openapi import from_asgi

# What no schema tells: that shapes and data agree, that lists are of one length, that 1.0 is no
# whole number here, what a table holds, and that a header makes bytes of a JSON body.
ACCEPTS, REJECTS = positive_data_acceptance, negative_data_rejection
UNTELLABLE = ("sequences", "datatypes")
MODELS: dict[str, Callable[[], Artifact]] = {
    "classifier": classifier,
    "imputing": imputing,
    "images": of_images,
    "texts": lambda: identity("BYTES"),
    "sequences": lambda: identity("FP32", (-1, -1, 2)),
    "datatypes": lambda: several({"a": "BOOL", "b": "UINT8", "c": "FP16", "d": "INT64"}),
}


PREDICT = ("POST", "/predict/{model}")
INFER = ("POST", "/v2/models/{model}/infer")
READS = [(route.method, route.template) for route in ROUTES if route.method == "GET"]

quietly = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
each_mode = pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
each_model = pytest.mark.parametrize("name", MODELS)
pytestmark = pytest.mark.filterwarnings("ignore")  # Schemathesis' own


def statuses(name: str, route: tuple[str, str], mode: GenerationMode) -> Counter[tuple[Any, int]]:
    """Of each media type, how often it was answered so; every answer is as the document says."""
    method, path = route
    told: Counter[tuple[Any, int]] = Counter()
    operation = from_asgi("/openapi.json", App(service_of(MODELS[name]())))[path][method]

    @quietly
    @given(case=operation.as_strategy(generation_mode=mode))
    def sent(case: Case[Any]) -> None:
        response = case.call()
        case.validate_response(response, excluded_checks=_untellable(name, path, case.media_type))
        told[case.media_type, response.status_code] += 1

    sent()
    return told


def _untellable(name: str, path: str, media_type: str | None) -> list[Any]:
    if path == INFER[1] or media_type not in (JSON, None):
        return [ACCEPTS, REJECTS]
    return [ACCEPTS] if name in UNTELLABLE else []


@each_mode
@each_model
def test_plain_rows_are_taken_and_refused_as_the_document_says(
    name: str, mode: GenerationMode
) -> None:
    told = statuses(name, PREDICT, mode)

    assert {status for _, status in told} <= {200, 400, 404, 413}
    assert (told[JSON, 200] > 0) == (mode is GenerationMode.POSITIVE)


@each_mode
@each_model
def test_tensors_are_answered_or_refused_as_the_document_says(
    name: str, mode: GenerationMode
) -> None:
    assert {status for _, status in statuses(name, INFER, mode)} <= {200, 400, 404, 413}


@pytest.mark.parametrize("route", READS, ids=str)
def test_what_is_read_has_the_shape_that_the_document_says(route: tuple[str, str]) -> None:
    assert {status for _, status in statuses("classifier", route, GenerationMode.POSITIVE)} == {200}


@pytest.mark.parametrize("route", [told for told in READS if "{" in told[1]], ids=str)
def test_another_model_or_version_is_not_found(route: tuple[str, str]) -> None:
    assert {status for _, status in statuses("classifier", route, GenerationMode.NEGATIVE)} == {404}
