"""
Decide: what one command of a rollout would change, as a frozen value, from what was observed.

Every function here is pure. `--dry-run` prints the change, `wherry_control.controller` executes it,
and both get the very same one. A change names the revision that it was decided on, so it can only
be executed on the alias that was looked at.

An alias holds two published versions at most, of one role and one dead-letter queue, and never
$LATEST (AWS Lambda, "Alias routing configuration"); each of these is refused here with its own
words, before AWS refuses with less.
"""

import math
from dataclasses import dataclass
from typing import Literal

from wherry.errors import RefusedError, UsageError
from wherry_control.functions import DIGITS, LATEST, Live, Traffic
from wherry_control.releases import Release

Action = Literal["set", "promote", "rollback"]
PERCENT = 100.0


@dataclass(frozen=True)
class Observed:
    """What a decision looks at."""

    model: str
    live: Live
    releases: tuple[Release, ...] = ()

    @property
    def where(self) -> str:
        return f"rollout of {self.model}"


@dataclass(frozen=True)
class Change:
    """One move of the alias, and the release whose golden examples must pass before it."""

    model: str
    action: Action
    before: Traffic
    after: Traffic
    revision: str
    check: Release | None = None

    @property
    def is_needed(self) -> bool:
        return self.before != self.after


def plan_set(observed: Observed, weight: float, candidate: str | None = None) -> Change:
    """Send `weight` percent to the candidate: the one on trial, or else the newest release."""
    if not math.isfinite(weight) or not 0 <= weight <= PERCENT:
        raise UsageError("--weight", f"{weight:g} is no share of the traffic", "Give 0 to 100.")
    traffic = observed.live.traffic
    release = _candidate(observed, candidate)
    if release.release == traffic.stable:
        raise _nothing_to_try(observed, asked=candidate is not None)
    if traffic.candidate not in (None, release.release):
        raise RefusedError(
            observed.where,
            f"release {traffic.candidate} is on trial, and an alias holds two releases at most",
            f"Promote it or roll it back, then try release {release.release}.",
        )
    _must_agree(observed, release)
    after = Traffic(traffic.stable, release.release, round(float(weight), DIGITS))
    return _change(observed, "set", after, release)


def plan_promote(observed: Observed) -> Change:
    """Make the candidate stable."""
    candidate = observed.live.traffic.candidate
    if candidate is None:
        raise RefusedError(
            observed.where,
            f"no candidate is on trial; release {observed.live.traffic.stable} has all traffic",
            f"Start with `wherry rollout start {observed.model}`.",
        )
    return _change(observed, "promote", Traffic(candidate), _find(observed, candidate))


def plan_abort(observed: Observed) -> Change:
    """Drop the candidate. Needs nothing but the alias itself."""
    return _change(observed, "rollback", Traffic(observed.live.traffic.stable))


def plan_rollback(observed: Observed, promoted: tuple[str, ...]) -> Change:
    """At rest, go back to the release that was stable before this one, by the ledger."""
    stable = observed.live.traffic.stable
    earlier = promoted[:-1] if promoted[-1:] == (stable,) else promoted
    if not earlier:
        raise RefusedError(
            observed.where,
            f"the ledger knows no release that was live before release {stable}",
            f"See `wherry rollout status {observed.model}`.",
        )
    if earlier[-1] not in {release.release for release in observed.releases}:
        raise RefusedError(
            observed.where,
            f"release {earlier[-1]}, which was live before, no longer exists",
            f"Deploy its model version again, and promote it with `wherry rollout set "
            f"{observed.model}`.",
        )
    return _change(observed, "rollback", Traffic(earlier[-1]))


def plan_back_to(observed: Observed, release: str) -> Change:
    """All traffic to a release that somebody names. Needs nothing but the alias itself."""
    if not (release.isascii() and release.isdecimal()):
        raise UsageError(
            "--to", f"{release or 'nothing'} is no published release", "Give its number."
        )
    if release == observed.live.traffic.candidate:
        raise RefusedError(
            observed.where,
            f"release {release} is the candidate on trial, so it is no way back",
            f"`wherry rollout promote {observed.model}` gives it all traffic.",
        )
    return _change(observed, "rollback", Traffic(release))


def back_already(observed: Observed) -> RefusedError:
    """Why a rollback at rest is not repeated: it would go to a release before the one meant."""
    return RefusedError(
        observed.where,
        f"it is back at release {observed.live.traffic.stable} already",
        f"`wherry rollout rollback {observed.model} --again` goes one release further.",
    )


def _change(
    observed: Observed, action: Action, after: Traffic, check: Release | None = None
) -> Change:
    live = observed.live
    return Change(observed.model, action, live.traffic, after, live.revision, check)


def _candidate(observed: Observed, asked: str | None) -> Release:
    if asked is not None:
        return _find(observed, asked)
    if observed.live.traffic.candidate is not None:
        return _find(observed, observed.live.traffic.candidate)
    return observed.releases[-1]


def _find(observed: Observed, name: str) -> Release:
    if name == LATEST:
        raise UsageError(
            observed.where,
            f"{LATEST} can change under live traffic, so it is never served",
            "Name a published release.",
        )
    for release in observed.releases:
        if release.release == name:
            return release
    known = ", ".join(release.release for release in observed.releases) or "none"
    raise UsageError(
        observed.where, f"there is no release {name}", f"The releases here are: {known}."
    )


def _nothing_to_try(observed: Observed, *, asked: bool) -> UsageError | RefusedError:
    stable = observed.live.traffic.stable
    if asked:
        return UsageError(
            observed.where,
            f"release {stable} is the stable one, so it cannot be its own candidate",
            f"See `wherry rollout status {observed.model}` for the others.",
        )
    return RefusedError(
        observed.where,
        f"release {stable} is the newest, and it has all traffic already",
        f"Publish and deploy a new version first: `wherry deploy {observed.model}`.",
    )


def _must_agree(observed: Observed, candidate: Release) -> None:
    """AWS splits traffic only between versions with one role and one dead-letter queue."""
    stable = _find(observed, observed.live.traffic.stable)
    for what, ours, theirs in (
        ("execution role", stable.role, candidate.role),
        ("dead-letter queue", stable.dead_letter, candidate.dead_letter),
    ):
        if ours != theirs:
            raise RefusedError(
                observed.where,
                f"releases {stable.release} and {candidate.release} have not the same {what} "
                f"({ours or 'none'}, {theirs or 'none'}), and one alias cannot serve both",
                "Deploy again with the same one.",
            )
