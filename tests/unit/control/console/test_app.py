"""What the API answers: documents, deeds, and errors in their three parts."""

from urllib.parse import quote

import pytest
from pydantic import TypeAdapter

from tests.support.console_asking import Asked
from wherry.errors import CloudError, ConflictError, RefusedError, WherryError
from wherry_control.console.actions import DEEDS
from wherry_control.console.app import CONFIRMED
from wherry_control.console.view import ModelView


def test_the_models_are_listed_with_the_place(asked: Asked) -> None:
    told = asked.get("/api/models").json()

    assert told == {"place": "the local AWS", "models": ["iris", "digits"]}


def test_a_document_that_did_not_change_is_not_sent_again(asked: Asked) -> None:
    first = asked.get("/api/models/iris")
    tag = {"if-none-match": first.headers["etag"]}

    again = asked.get("/api/models/iris", tag)
    asked.board.start("iris")
    changed = asked.get("/api/models/iris", tag)

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.content == b""
    assert changed.json()["rollout"]["phase"] == "preflight"


@pytest.mark.parametrize("name", list(DEEDS))
def test_each_deed_is_done_once_to_its_model(asked: Asked, name: str) -> None:
    asked.board.start("digits")
    asked.board.done.clear()

    answer = asked.post(f"/api/models/digits/{name}")

    assert answer.status_code == 204
    assert asked.board.done == [(name, "digits")]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RefusedError("rollout of iris", "its preflight has not passed", "Wait."), 409),
        (ConflictError("rollout of iris", "somebody else moved it", "Look again."), 409),
        (CloudError("lambda", "AWS limits these requests for now", "Wait."), 502),
        (WherryError("somewhere", "something", "Do."), 500),
    ],
)
def test_an_error_is_told_in_its_parts(asked: Asked, error: WherryError, status: int) -> None:
    asked.board.refuse = error

    answer = asked.post("/api/models/iris/pause")

    assert answer.status_code == status
    assert answer.json() == {
        "error": {
            "kind": type(error).__name__,
            "where": error.where,
            "what": error.what,
            "todo": error.todo,
        }
    }


def test_a_fault_of_ours_is_logged_and_shows_nothing_of_itself(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    asked.board.broken = ZeroDivisionError("a secret")

    answer = asked.get("/api/models/iris")

    assert answer.status_code == 500
    assert answer.json()["error"]["what"] == "it failed; its terminal says why"
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/api/models/tulip/start", "there is no model 'tulip'"),
        ("/api/models/iris/explode", "there is no such action"),
        ("/api/nowhere", "not found"),
    ],
)
def test_what_is_not_there_is_told_in_the_same_shape(asked: Asked, path: str, what: str) -> None:
    answer = asked.post(path)

    assert answer.status_code == 404
    assert answer.json()["error"]["what"] == what
    assert asked.board.done == []


def test_a_model_that_is_not_there_names_those_that_are(asked: Asked) -> None:
    error = asked.get("/api/models/tulip").json()["error"]

    assert error["todo"] == "The models here are: iris, digits."


def test_the_document_is_documented_by_its_types(asked: Asked) -> None:
    schema = asked.get("/api/openapi.json").json()
    answer = schema["paths"]["/api/models/{model}"]["get"]["responses"]["200"]

    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ModelView")
    assert {"rollout", "releases", "actions"} <= set(
        schema["components"]["schemas"]["ModelView"]["properties"]
    )


def test_a_document_is_what_its_types_say(asked: Asked) -> None:
    asked.board.start("iris")
    for _ in range(9):
        asked.board.tick("iris")

    told = TypeAdapter(ModelView).validate_json(asked.get("/api/models/iris").content)

    assert told.rollout is not None
    assert told.rollout.phase == "rolled_back"


def test_a_question_that_was_left_on_the_screen_does_nothing_else_later(asked: Asked) -> None:
    """It named a release; by now the button of that name would promote or try another."""
    (shown,) = [
        each["consequence"]
        for each in asked.get("/api/models/iris").json()["actions"]
        if each["name"] == "start"
    ]
    other = shown.replace("elease 7", "elease 8")

    refused = asked.post("/api/models/iris/start", {CONFIRMED: quote(other)})
    done = asked.post("/api/models/iris/start", {CONFIRMED: quote(shown)})

    assert refused.status_code == 409
    assert refused.json()["error"]["what"] == "it has changed since, and nothing was done"
    assert done.status_code == 204
    assert asked.board.done == [("start", "iris")]
    assert asked.post("/api/models/iris/start", {CONFIRMED: quote(shown)}).status_code == 409
