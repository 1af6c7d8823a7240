"""
Preflight: what a candidate must pass before its first live request, asked straight at its version.

First its golden examples, each compared with what was expected when it was published; then a smoke
load, which is the same inputs as often as the plan says and several at once, of which each must be
answered. No live request is in danger: the alias does not know the candidate yet. It writes nothing
down and moves nothing. What AWS itself refuses (a limit, a permission) is no verdict on the
candidate, and is raised as it is.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from wherry.artifact import Artifact
from wherry.errors import RefusedError
from wherry.manifest import GOLDEN
from wherry_control.functions import Functions
from wherry_control.golden import GoldenReplay, ask, infer_event
from wherry_control.releases import Release, releases_of
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State

AT_ONCE = 4  # requests of the smoke load; each needs an environment of its own, which must start


@dataclass(frozen=True, kw_only=True)
class GoldenPreflight:
    """`load` fetches an artifact's golden examples from the store by the artifact's digest."""

    functions: Functions
    load: Callable[[str], Artifact]

    def __call__(self, plan: Plan, state: State) -> None:
        """Raise RefusedError at the first thing that is wrong with the candidate."""
        release = self._release(state)
        replay = GoldenReplay(
            functions=self.functions, load=self.load, tolerance=lambda _model: plan.golden_tolerance
        )
        replay(state.model, state.function, release)
        self._smoke(state, release, plan.smoke_requests)

    def _release(self, state: State) -> Release:
        for release in releases_of(self.functions, state.function):
            if release.release == state.candidate:
                return release
        raise RefusedError(
            f"release {state.candidate} of {state.model}", "it no longer exists", "Deploy it again."
        )

    def _smoke(self, state: State, release: Release, requests: int) -> None:
        artifact = self.load(release.digest)
        examples = json.loads(artifact.files[GOLDEN])["examples"]
        events = [infer_event(state.model, artifact.manifest, each) for each in examples]

        def send(event: Mapping[str, Any]) -> None:
            ask(self.functions, state.function, release, event)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(send, islice(cycle(events), requests)):
                pass
