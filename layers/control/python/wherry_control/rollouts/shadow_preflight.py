"""
The last of the preflight: what both releases answered to the same requests, if there was a shadow.

Only comparisons with this rollout's stable release count, and only those of the candidate, or of
another release with the same artifact and the same code; and only those of labels, whole numbers
and texts. Fractions alone are off by a little in every retrained model, and by how much is too much
nobody has said: the live judge counts how they are spread. The lines are read from the function's
log. A log that cannot be read is no verdict on the candidate, and is raised as it is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_control.experiments.agreement import Agreement, agreements
from wherry_control.experiments.shadow_lines import ShadowLines
from wherry_control.functions import Functions
from wherry_control.judging.verdicts import Judgement
from wherry_control.releases import Release, releases_of
from wherry_control.rollouts.disagreement import judge_shadow, no_shadow
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State

LOOK_BACK = timedelta(days=30)
EXACT, OTHER = "exact", "other"


@dataclass(frozen=True, kw_only=True)
class ShadowPreflight:
    """`before` is all that is checked without a shadow; it raises RefusedError."""

    before: Callable[[Plan, State], None]
    functions: Functions
    lines: ShadowLines
    clock: Callable[[], datetime]

    def __call__(self, plan: Plan, state: State) -> Judgement:
        """What the shadow says, once all else has passed; RefusedError if it has not."""
        self.before(plan, state)
        return self._judged(plan, state)

    def _judged(self, plan: Plan, state: State) -> Judgement:
        """Where stable is no measure, nobody asks a shadow."""
        if state.fix:
            return no_shadow(f"not asked, as release {state.stable} is broken", plan.judge)
        if state.stable == state.candidate:
            return no_shadow("not asked, as there is no other release", plan.judge)
        releases = releases_of(self.functions, state.function)
        lines = self.lines(state.function, _since(state, releases), self.clock())
        told = agreements_of(lines, state.stable, alike(releases, state.candidate))
        if EXACT in told:
            return judge_shadow(told[EXACT], plan.judge, state.model)
        if OTHER in told:
            return no_shadow(_unjudged(told[OTHER]), plan.judge)
        return no_shadow(f"nothing was compared with release {state.stable}", plan.judge)


def agreements_of(
    lines: Iterable[Mapping[str, Any]], stable: str, releases: Collection[str]
) -> Mapping[str, Agreement]:
    """
    Of all `releases` together with this stable one: where something EXACT was compared, and OTHER.
    Lines that do not tell are of releases older than the question.
    """
    counted = (
        {**line, "release": EXACT if line.get("exact") is True else OTHER}
        for line in lines
        if line.get("stable_release") == stable and line.get("release") in releases
    )
    return {each.release: each for each in agreements(counted)}


def _unjudged(told: Agreement) -> str:
    failed = f"; {told.failed:,} failed" if told.failed else ""
    return (
        f"of {told.requests:,} compared with release {told.stable}, none is known to be more than "
        f"fractions, which are not judged{failed}"
    )


def alike(releases: Iterable[Release], candidate: str) -> frozenset[str]:
    """The releases that answer as the candidate does, having the same artifact and code."""
    known = {each.release: (each.digest, each.code_sha256) for each in releases}
    return frozenset(name for name, pins in known.items() if pins == known.get(candidate))


def _since(state: State, releases: Sequence[Release]) -> datetime:
    """
    Since stable was published, but not for ever.

    A function that was deleted and made again counts its releases anew, in the same log.
    """
    stable = (_moment(each.published_at) for each in releases if each.release == state.stable)
    return max([state.started - LOOK_BACK, *filter(None, stable)])


def _moment(told: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
