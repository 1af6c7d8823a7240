"""Preflight: golden examples and a smoke load, straight at the candidate's version."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from tests.support.fake_lambda import FakeLambda
from tests.support.rollout_golden import EXAMPLE, GOOD, answering, artifact
from tests.support.rollout_store_contract import PLAN, state
from wherry.errors import CloudError, RefusedError
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.preflight import AT_ONCE, GoldenPreflight

Handler = Callable[[Mapping[str, Any]], dict[str, Any]]
FUNCTION = "wherry-dev-iris"
OTHER = {**EXAMPLE, "name": "other", "inputs": {"features": [[6.0, 2.0], [5.0, 3.0]]}}


def preflight(handler: Handler, requests: int, functions: FakeLambda | None = None) -> None:
    """Of release 2, while release 1, which nobody must ask, has all traffic."""
    sealed = artifact(EXAMPLE, OTHER)
    functions = functions or FakeLambda(FUNCTION)
    functions.publish(FunctionVersion("1"), _nobody)
    functions.publish(FunctionVersion("2", environment={"WHERRY_DIGEST": sealed.digest}), handler)
    check = GoldenPreflight(functions=functions, load={sealed.digest: sealed}.__getitem__)
    check(_plan(requests), state())
    assert functions.live(FUNCTION).traffic == Traffic("1")


def _plan(requests: int) -> Plan:
    return replace(PLAN, smoke_requests=requests)


def _nobody(_event: Mapping[str, Any]) -> dict[str, Any]:
    raise AssertionError


class Counting:
    """Answers well, but for the request of one number."""

    def __init__(self, wrong: int = -1, answer: dict[str, Any] | None = None) -> None:
        self.bodies: list[str] = []
        self._wrong = wrong
        self._answer = answer

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        self.bodies.append(event["body"])
        if len(self.bodies) - 1 != self._wrong:
            return answering([0, 0], GOOD)
        if self._answer is None:
            raise RuntimeError("out of memory")
        return self._answer


def test_golden_examples_are_asked_once_and_then_as_often_as_the_plan_says() -> None:
    handler = Counting()

    preflight(handler, 5)

    assert len(handler.bodies) == 2 + 5
    assert len(set(handler.bodies)) == 2


def test_a_plan_without_smoke_asks_the_golden_examples_alone() -> None:
    handler = Counting()

    preflight(handler, 0)

    assert len(handler.bodies) == 2


def test_a_wrong_answer_to_a_golden_example_is_refused_before_any_smoke() -> None:
    handler = Counting(wrong=1, answer=answering([1, 1], GOOD))

    with pytest.raises(RefusedError, match="example 'other'"):
        preflight(handler, 5)

    assert len(handler.bodies) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [(None, "out of memory"), (answering([0, 0], GOOD, status=503), "it answers 503")],
)
def test_one_smoke_request_that_fails_is_enough(answer: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        preflight(Counting(wrong=6, answer=answer), 5)


def test_the_smoke_load_comes_several_at_once() -> None:
    """Else only one environment is started, and asked again and again."""
    golden, together = Counting(), Barrier(AT_ONCE, timeout=5)

    def handler(event: Mapping[str, Any]) -> dict[str, Any]:
        if len(golden.bodies) >= 2:
            together.wait()
            return answering([0, 0], GOOD)
        return golden(event)

    preflight(handler, AT_ONCE)


def test_the_plan_s_tolerance_is_the_one_that_holds() -> None:
    near = answering([0, 0], [0.905, 0.1, 0.8, 0.2])
    sealed = artifact(EXAMPLE)
    functions = FakeLambda(FUNCTION)
    environment = {"WHERRY_DIGEST": sealed.digest}
    functions.publish(FunctionVersion("2", environment=environment), lambda _event: near)
    check = GoldenPreflight(functions=functions, load={sealed.digest: sealed}.__getitem__)

    check(replace(PLAN, golden_tolerance=0.01), state())
    with pytest.raises(RefusedError, match="is expected"):
        check(PLAN, state())


def test_what_aws_refuses_is_no_verdict_on_the_candidate() -> None:
    class Throttled(FakeLambda):
        def invoke(self, function: str, version: str, event: Mapping[str, Any]) -> dict[str, Any]:
            raise CloudError(f"{function}:{version}", f"no more of {json.dumps(event)[:1]}")

    with pytest.raises(CloudError):
        preflight(Counting(), 5, Throttled(FUNCTION))


def test_a_candidate_that_was_deleted_is_refused() -> None:
    functions = FakeLambda(FUNCTION)
    functions.publish(FunctionVersion("1"))
    check = GoldenPreflight(functions=functions, load=lambda _digest: artifact(EXAMPLE))

    with pytest.raises(RefusedError, match="no longer exists"):
        check(PLAN, state())
