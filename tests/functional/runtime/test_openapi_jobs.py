"""The app takes jobs as its OpenAPI document says, and the document tells of them only then."""

import warnings
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.support.jobs import World
from tests.support.plain_models import classifier
from tests.support.services import service_of
from wherry.http import App
from wherry.http.pages import create_pages
from wherry.http.routes import JOB_ROUTES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own, about the test client that it uses
    from schemathesis import Case
    from schemathesis.openapi import from_asgi

# No schema tells that a header takes the place of a body, nor which ids there are.
UNTELLABLE: list[Any] = [positive_data_acceptance, negative_data_rejection]
quietly = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
pytestmark = pytest.mark.filterwarnings("ignore")  # Schemathesis' own
ROUTES = [(route.method, route.template) for route in JOB_ROUTES]


def with_jobs() -> App:
    world = World()
    world.service = service_of(classifier())
    return world.app()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_jobs_are_taken_and_refused_as_the_document_says(
    route: tuple[str, str], mode: GenerationMode
) -> None:
    method, path = route
    told: Counter[int] = Counter()
    operation = from_asgi("/openapi.json", with_jobs())[path][method]

    @quietly
    @given(case=operation.as_strategy(generation_mode=mode))
    def sent(case: Case[Any]) -> None:
        response = case.call()
        case.validate_response(response, excluded_checks=UNTELLABLE)
        told[response.status_code] += 1

    sent()

    assert set(told) <= {202, 400, 404, 413, 422}
    assert told


@pytest.mark.parametrize("app", [with_jobs(), App(service_of())], ids=["with", "without"])
def test_the_document_tells_of_jobs_where_there_are_any(app: App) -> None:
    paths = {route.path for route in create_pages(app).routes}  # type: ignore[attr-defined] # each has one

    assert {path for _, path in ROUTES}.isdisjoint(paths) is not app.has_jobs
