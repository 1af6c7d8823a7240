"""What `LambdaLive` tells, over a Lambda of which a subclass's fixture `aws` is a client."""

from typing import Any, Protocol
from uuid import uuid4

import pytest

from wherry.aws.live import FRESH, GOOD, LambdaLive
from wherry.errors import CloudError
from wherry.pinned import Pinned, Share


class Aws(Protocol):
    """A client of Lambda, and how a test makes releases and moves the alias."""

    client: Any

    def release(self, function: str, variables: dict[str, str]) -> str:
        """A new version of the function, which is made if need be."""

    def point(self, function: str, stable: str, weights: dict[str, float]) -> None:
        """Make the alias `live`, or move it."""


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


def pinned(version: str, number: int, letter: str) -> Pinned:
    return Pinned(version, number, digest(letter))


def variables(number: int, letter: str) -> dict[str, str]:
    return {"WHERRY_DIGEST": digest(letter), "WHERRY_MODEL_VERSION": str(number)}


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class LiveContract:
    @pytest.fixture
    def function(self) -> str:
        return f"wherry-dev-{uuid4().hex[:8]}"

    def test_at_rest_stable_has_it_all(self, aws: Aws, function: str) -> None:
        version = aws.release(function, variables(3, "a"))
        aws.point(function, version, {})

        told = LambdaLive(aws.client, function).shares()

        assert list(told) == [Share(pinned(version, 3, "a"), 1.0)]

    def test_in_a_rollout_each_has_its_weight(self, aws: Aws, function: str) -> None:
        stable = aws.release(function, variables(3, "a"))
        candidate = aws.release(function, variables(4, "b"))
        aws.point(function, stable, {candidate: 0.25})

        told = LambdaLive(aws.client, function).shares()

        assert list(told) == [
            Share(pinned(stable, 3, "a"), 0.75), Share(pinned(candidate, 4, "b"), 0.25),
        ]  # fmt: skip

    def test_what_is_live_is_asked_again_after_a_minute(self, aws: Aws, function: str) -> None:
        old = aws.release(function, variables(3, "a"))
        new = aws.release(function, variables(4, "b"))
        aws.point(function, old, {})
        clock = Clock()
        live = LambdaLive(aws.client, function, clock)
        live.shares()
        aws.point(function, new, {})

        clock.seconds += FRESH - 1
        before = live.shares()
        clock.seconds += 1
        after = live.shares()

        assert [share.pinned.release for share in (*before, *after)] == [old, new]

    @pytest.mark.parametrize("there", [False, True])
    def test_what_cannot_be_told_is_an_error(self, aws: Aws, function: str, *, there: bool) -> None:
        if there:  # without the variables
            aws.point(function, aws.release(function, {}), {})

        with pytest.raises(CloudError, match=function):
            LambdaLive(aws.client, function).shares()

    def test_what_was_told_holds_for_ten_minutes_without_aws(self, aws: Aws, function: str) -> None:
        version = aws.release(function, variables(3, "a"))
        aws.point(function, version, {})
        clock = Clock()
        gone = Failing(aws.client)
        live = LambdaLive(gone, function, clock)
        told = live.shares()
        gone.fails = True

        clock.seconds += GOOD - 1
        assert live.shares() == told
        clock.seconds += 1
        with pytest.raises(CloudError):
            live.shares()
        gone.fails = False
        assert live.shares() == told


class Failing:
    """A client in front of another one, which does not answer while it `fails`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.fails = False
        self.asked: list[str] = []

    def get_alias(self, **asked: str) -> Any:
        return self._call("get_alias", asked)

    def get_function_configuration(self, **asked: str) -> Any:
        return self._call("get_function_configuration", asked)

    def _call(self, name: str, asked: dict[str, str]) -> Any:
        from botocore.exceptions import EndpointConnectionError

        self.asked.append(name)
        if self.fails:
            raise EndpointConnectionError(endpoint_url="https://lambda")
        return getattr(self._client, name)(**asked)
