"""
No caller sees a shadow: not that it is absent, fails or hangs, and not by waiting.

What is beside a function in Lambda is a process of its own here too. Times are compared within one
run, in pairs; noise only adds, so that the quietest of three runs counts.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.support.events import Call, rest_api_v1
from tests.support.requests_v2 import request
from tests.support.services import published
from wherry.beside import beside, shadow_of
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.lambda_events import Handler, handler_for
from wherry.service import load_service
from wherry.settings import Settings

EVENT = rest_api_v1(Call("POST", "/v2/models/tiny/infer", request()))
ASKED, RUNS, MOST = 50, 3, 3.0
SHADOWS = {"answering": (202, 0), "absent": (404, 0), "failing": (500, 0), "hanging": (202, 1)}


@contextmanager
def beside_it(status: int, hangs: int) -> Iterator[subprocess.Popen[str]]:
    """Lambda's extensions API and its Invoke."""
    words = [sys.executable, "-m", "tests.support.runtime_api", str(status), str(hangs)]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with child:
        try:
            yield child
        finally:
            child.kill()


def with_and_without(environment: dict[str, str]) -> tuple[Handler, Handler]:
    """The handlers of one service: alone, and with the shadow that the environment asks for."""
    settings = Settings.from_environment(environment)
    service = load_service(settings)
    cast = shadow_of(settings, service, environment)
    shadowed = handler_for(App(service, hooks=Hooks(None, cast)))
    return handler_for(App(service)), beside(shadowed, settings, service, cast)


def asked(handler: Handler, before: Callable[[], None], after: Callable[[], None]) -> Any:
    """The reply but for its id, and the seconds that the caller waited for it."""
    before()
    began = perf_counter()
    reply = handler(EVENT, None)
    waited = perf_counter() - began
    after()
    del reply["headers"]["x-wherry-prediction-id"]
    return reply, waited


def nothing() -> None:
    """Where nobody is beside it."""


@pytest.mark.parametrize("shadow", list(SHADOWS))
def test_a_caller_gets_the_same_bytes_as_soon(shadow: str, tmp_path: Path) -> None:
    with beside_it(*SHADOWS[shadow]) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        tell, hear = child.stdin, child.stdout.readline
        extensions, invoke = hear().split()
        alone, handler = with_and_without(
            {
                **published(tmp_path),
                "WHERRY_SHADOW_SHARE": "1",
                "AWS_LAMBDA_RUNTIME_API": extensions,
                "AWS_LAMBDA_FUNCTION_NAME": "wherry-dev-tiny",
                "AWS_ACCESS_KEY_ID": "AKID",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_ENDPOINT_URL": f"http://{invoke}",
            }
        )
        assert [hear(), hear()] == ["register\n", "next\n"]

        def invoked() -> None:
            tell.write("invoke\n")
            tell.flush()

        def frozen() -> None:
            """Lambda asks nothing of the environment before."""
            assert hear() == "next\n"

        ratios = []
        for _ in range(RUNS):
            pairs = [
                (asked(alone, nothing, nothing), asked(handler, invoked, frozen))
                for _ in range(ASKED)
            ]
            assert all(one == other for (one, _), (other, _) in pairs)
            times = [sorted(each[side][1] for each in pairs) for side in (0, 1)]
            ratios.append(times[1][-2] / times[0][-2])

    assert min(ratios) < MOST, f"p99 is {ratios} times what it is without a shadow"
