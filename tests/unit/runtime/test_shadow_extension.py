"""A shadow's extension in Lambda: it sends before the freeze, and is absent where it cannot be."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.runtime_api import ExtensionsApi, Server, served
from tests.support.services import published
from tests.support.shadowing import EVENT, SERVICE, Kept, nowhere
from wherry.beside import SHADOWED, beside, shadow_of
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.lambda_events import Handler, handler_for
from wherry.service import load_service
from wherry.settings import Settings
from wherry.shadow.circuit import Circuit
from wherry.shadow.extension import Extension, Sending
from wherry.shadow.queue import Queue
from wherry.shadow.sender import LambdaSender
from wherry.shadow.shadowing import Shadow

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "wherry-dev-tiny",
    "AWS_ACCESS_KEY_ID": "AKID",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


@contextmanager
def on_lambda(lambda_api: Server) -> Iterator[tuple[Handler, ExtensionsApi]]:
    """The handler of a function in Lambda that has a shadow of every request."""
    extensions, queue, circuit = ExtensionsApi(), Queue(), Circuit()
    settings = Settings(model="tiny", model_version=1, digest="", store="memory://")
    with served(lambda_api), served(extensions):
        sender = LambdaSender({**ENVIRONMENT, "AWS_ENDPOINT_URL": f"http://{lambda_api.address}"})
        sending = Sending(queue, sender, circuit)
        extension = Extension(sending, queue, extensions.address, rest=extensions.rest)
        extension.start()
        shadow = Shadow(SERVICE, 1, queue, circuit, nowhere, extension.answered)
        app = App(SERVICE, hooks=Hooks(None, shadow))
        yield beside(handler_for(app), settings, SERVICE, shadow), extensions
    sender.close()


def test_it_is_sent_after_the_answer_and_before_the_environment_may_be_frozen() -> None:
    """Lambda freezes it once the extension asks for the next event: by then it was sent."""
    lambda_api = Server()
    with on_lambda(lambda_api) as (handler, extensions):
        registered = extensions.calls.get()
        asked = [extensions.asked.get(), extensions.asked.get()]
        for _ in range(2):
            extensions.invoke()
            handler(EVENT, None)
            asked.append(extensions.asked.get())  # only now may it be frozen
            assert lambda_api.calls.qsize() == 1
            told = lambda_api.calls.get()
            assert json.loads(told.body)[SHADOWED]["release"] == "7"

    assert asked == ["register", "next", "next", "next"]
    assert registered.headers["lambda-extension-name"] == "wherry-shadow"
    assert json.loads(registered.body) == {"events": ["INVOKE"]}


def test_an_extension_asks_again_when_the_api_fails() -> None:
    """One that asks no more would hold up every invocation until its timeout."""
    extensions, queue = ExtensionsApi(), Queue()
    with served(extensions):
        sending = Sending(queue, Kept(), Circuit())
        extension = Extension(sending, queue, extensions.address, rest=extensions.rest)
        extension.start()
        extensions.invoke(500)
        extensions.invoke(200)
        extension.answered()
        asked = [extensions.asked.get() for _ in range(4)]

    assert asked == ["register", "next", "next", "next"]


@pytest.mark.parametrize("status", [403, None])
def test_where_lambda_takes_no_extension_the_function_starts_without_a_shadow(
    status: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    extensions = ExtensionsApi()
    extensions.status = status or 0
    settings = Settings(model="tiny", model_version=1, digest="", store="", shadow_share=1)
    with served(extensions):
        api = extensions.address if status else "127.0.0.1:1"
        shadow = shadow_of(settings, SERVICE, {**ENVIRONMENT, "AWS_LAMBDA_RUNTIME_API": api})

    assert shadow is None
    assert "there is no shadow" in caplog.text


def test_a_function_that_is_told_a_share_has_a_shadow_from_its_start(tmp_path: Path) -> None:
    extensions = ExtensionsApi()
    with served(extensions):
        environment = {
            **published(tmp_path),
            **ENVIRONMENT,
            "WHERRY_SHADOW_SHARE": "1",
            "AWS_LAMBDA_RUNTIME_API": extensions.address,
        }
        settings = Settings.from_environment(environment)

        shadow = shadow_of(settings, load_service(settings), environment)

        assert shadow is not None
        assert [extensions.asked.get(), extensions.asked.get()] == ["register", "next"]


def test_outside_of_lambda_and_without_a_share_there_is_no_shadow() -> None:
    settings = Settings(model="tiny", model_version=1, digest="", store="", shadow_share=0.5)

    assert shadow_of(settings, SERVICE, {}) is None
    none = Settings(model="tiny", model_version=1, digest="", store="")
    assert shadow_of(none, SERVICE, {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}) is None
