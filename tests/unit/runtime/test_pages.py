"""The pages for people: they come from the one table of routes, and ask no other server."""

import asyncio
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.support.onnx_models import identity, scaled, two_inputs
from tests.support.plain_models import classifier, imputing, of_images, several
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.http import App
from wherry.http.routes import ROUTES

ASSETS = ("/docs/page.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css")


def get(
    path: str, app: App | Starlette | None = None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    asked: Any = app or App(service_of(classifier()))

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(asked)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(once())


def document(artifact: Artifact) -> dict[str, Any]:
    return get("/openapi.json", App(service_of(artifact))).json()


@pytest.mark.parametrize(
    "artifact",
    [
        classifier(),
        scaled(),
        imputing(),
        of_images(),
        two_inputs(),
        identity("BYTES"),
        identity("FP32", (-1, -1, 3)),
        identity("INT64", ()),
        several({"a": "BOOL", "b": "UINT8", "c": "FP16", "d": "FP64", "e": "UINT64"}),
    ],
    ids=lambda artifact: " ".join(spec.datatype for spec in artifact.manifest.inputs),
)
def test_the_document_is_valid_openapi(artifact: Artifact) -> None:
    told = document(artifact)

    validate(told)
    assert told["openapi"].startswith("3.1")


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    told = {
        (method.upper(), path)
        for path, operations in document(classifier())["paths"].items()
        for method in operations
    }

    assert told == {(route.method, route.template) for route in ROUTES}


def test_feedback_is_accepted_and_not_answered() -> None:
    operation = document(classifier())["paths"]["/feedback"]["post"]

    assert list(operation["responses"]) == ["202", "400", "413"]


def test_a_model_without_plain_rows_has_none_in_its_document() -> None:
    assert "/predict/{model}" not in document(identity("INT64", ()))["paths"]


def test_a_field_has_the_range_the_unit_and_the_example_of_the_manifest() -> None:
    told = document(classifier())

    field = told["components"]["schemas"]["Row"]["properties"]["size, in cm"]
    assert field["description"] == "cm, usually 0 to 10"
    assert field["examples"] == [4.5]
    assert (
        "| size, in cm | FP32 | cm, usually 0 to 10 | 4.5 |"
        in (told["paths"]["/predict/{model}"]["post"]["description"])
    )


def test_a_label_is_one_of_the_models() -> None:
    prediction = document(classifier())["components"]["schemas"]["Prediction"]

    assert prediction["properties"]["label"]["enum"] == ["no", "yes"]
    assert prediction["properties"]["probabilities"]["required"] == ["no", "yes"]


def test_the_forms_of_a_body_are_those_that_the_model_takes() -> None:
    def forms(artifact: Artifact) -> set[str]:
        operation = document(artifact)["paths"]["/predict/{model}"]["post"]
        return set(operation["requestBody"]["content"]) - {"application/json"}

    assert forms(classifier()) == {"text/csv"}
    assert forms(identity("BYTES")) == {"text/csv", "text/plain"}
    assert forms(of_images()) == {"image/jpeg", "image/png", "image/webp"}


def test_the_documents_examples_are_answered() -> None:
    app = App(service_of(classifier()))
    paths = get("/openapi.json", app).json()["paths"]

    contents = paths["/predict/{model}"]["post"]["requestBody"]["content"]
    rows = [told["value"] for told in contents["application/json"]["examples"].values()]
    tensors = paths["/v2/models/{model}/infer"]["post"]["requestBody"]["content"]
    calls = [("/predict/apples", "application/json", orjson.dumps(row)) for row in rows]
    calls.append(("/predict/apples", "text/csv", contents["text/csv"]["example"].encode()))
    example = tensors["application/json"]["example"]
    calls.append(("/v2/models/apples/infer", "", orjson.dumps(example)))

    assert {_post(app, *call) for call in calls} == {200}


def test_a_large_row_is_no_example() -> None:
    content = document(identity("FP32", (-1, 224, 224)))["paths"]["/predict/{model}"]["post"]

    assert len(orjson.dumps(content)) < 5000


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", *ASSETS])
def test_a_page_refers_to_no_other_origin(path: str) -> None:
    """Of the library's own files, what they load; names and links in them are no requests."""
    reply = get(path)

    assert reply.status_code == 200
    assert not re.findall(r"""(?:src|href)=["']?(?:[a-z]+:)?//""", reply.text)
    assert not re.findall(r"""(?:url\(|@import\s)\s*["']?(?:https?:)?//""", reply.text)
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "http" not in reply.headers["content-security-policy"]


def test_the_page_loads_what_is_served_and_no_script_of_its_own() -> None:
    page = get("/docs").text

    told = set(re.findall(r'(?:src|href)="([^"]+)"', page)) - {"data:,"}
    assert {f"/{name}" for name in told} == set(ASSETS)
    assert not re.search(r"<script>|<style|\son\w+=", page)


def test_a_page_is_compressed_for_whom_takes_that() -> None:
    reply = get("/docs/swagger-ui-bundle.js", headers={"accept-encoding": "gzip"})

    assert reply.headers["content-encoding"] == "gzip"
    assert int(reply.headers["content-length"]) < len(reply.content) / 2


@pytest.mark.parametrize(
    ("path", "status"), [("/docs", 200), ("/openapi.json", 200), ("/docs/x", 404), ("/v2", 200)]
)
def test_somebodys_own_app_may_hold_it_at_a_path(path: str, status: int) -> None:
    own = Starlette(routes=[Mount("/ours", App(service_of(classifier())))])

    assert get(f"/ours{path}", own).status_code == status
    assert get(path, own).status_code == 404


def test_what_is_no_page_is_refused_in_the_one_shape() -> None:
    reply = get("/docs/../secret")

    assert reply.status_code == 404
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", *ASSETS])
def test_switched_off_there_are_no_pages(path: str) -> None:
    assert get(path, App(service_of(), docs=False)).status_code == 404


def test_the_package_of_the_page_is_small() -> None:
    found = find_spec("fastapi_swagger")
    assert found is not None
    [folder] = map(Path, found.submodule_search_locations or ())
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < 2_000_000


def _post(app: App, path: str, content_type: str, body: bytes) -> int:
    async def once() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"content-type": content_type}
            return (await client.post(path, content=body, headers=headers)).status_code

    return asyncio.run(once())
