"""
Which releases serve now, asked of who owns that: the alias `live` of the model's function.

A worker asks once a minute, so that a rollout's weights, a promotion and a rollback rule it too. A
published version never changes, so what it serves is asked once. While AWS does not answer, what
was told last holds for ten minutes; then nobody knows what is live, and nothing is guessed. A call
moves nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from wherry.aws.faults import translated
from wherry.errors import CloudError
from wherry.pinned import Pinned, Share

ALIAS = "live"
FRESH = 60.0  # seconds for which an answer is not asked again
GOOD = 600.0  # and for which it holds while AWS does not answer


class LambdaClient(Protocol):
    """boto3's `lambda`, as far as it is asked here."""

    def get_alias(self, **asked: str) -> Mapping[str, Any]: ...

    def get_function_configuration(self, **asked: str) -> Mapping[str, Any]: ...


class LambdaLive:
    """`Live` of a function's alias; `now` gives seconds."""

    def __init__(
        self, client: LambdaClient, function: str, now: Callable[[], float] = monotonic
    ) -> None:
        self._client = client
        self._function = function
        self._now = now
        self._known: dict[str, Pinned] = {}
        self._told: tuple[Share, ...] = ()
        self._asked = 0.0

    def shares(self) -> Sequence[Share]:
        """See Live."""
        age = self._now() - self._asked
        if self._told and age < FRESH:
            return self._told
        try:
            told = self._ask()
        except CloudError:
            if self._told and age < GOOD:
                return self._told
            raise
        self._told, self._asked = told, self._now()
        return told

    def _ask(self) -> tuple[Share, ...]:
        with translated(f"{self._function}:{ALIAS}"):
            alias = self._client.get_alias(FunctionName=self._function, Name=ALIAS)
        routing = alias.get("RoutingConfig") or {}
        weights = routing.get("AdditionalVersionWeights") or {}
        parts = [Share(self._pinned(version), float(part)) for version, part in weights.items()]
        stable = self._pinned(alias["FunctionVersion"])
        return (Share(stable, 1.0 - sum(share.part for share in parts)), *parts)

    def _pinned(self, version: str) -> Pinned:
        found = self._known.get(version)
        if found is None:
            found = self._known[version] = self._read(version)
        return found

    def _read(self, version: str) -> Pinned:
        where = f"{self._function}:{version}"
        with translated(where):
            told = self._client.get_function_configuration(
                FunctionName=self._function, Qualifier=version
            )
        variables = told.get("Environment", {}).get("Variables", {})
        try:
            number = int(variables["WHERRY_MODEL_VERSION"])
            return Pinned(version, number, variables["WHERRY_DIGEST"])
        except (KeyError, ValueError) as error:
            raise CloudError(
                where, "its variables do not say which artifact it serves", "Deploy it again."
            ) from error
