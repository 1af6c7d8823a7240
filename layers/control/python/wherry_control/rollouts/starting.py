"""What may be rolled out, and the state in which it begins. Decides by the rules of `rollout`."""

from collections.abc import Sequence
from datetime import datetime

from wherry.errors import RefusedError
from wherry_control.functions import Functions, Traffic
from wherry_control.ledger import Entry, promoted
from wherry_control.releases import Release, releases_of
from wherry_control.rollout import PERCENT, Observed, plan_set
from wherry_control.rollouts.state import PREFLIGHT, State, Transition
from wherry_control.rollouts.transitions import PROMOTE, START


def observe(functions: Functions, model: str, function: str) -> Observed:
    """The alias and the releases as they are now."""
    return Observed(model, functions.live(function), releases_of(functions, function))


def candidate(observed: Observed, history: Sequence[Entry], asked: str | None) -> Release:
    """
    The release that a rollout may begin with: the one that is asked for, or the newest.

    Raises RefusedError or UsageError, in the words of `wherry rollout set`, if it cannot share the
    alias with stable. Stable itself may be one while it is the first that ever was, and never was
    checked by a rollout.
    """
    traffic = observed.live.traffic
    if traffic.is_split:
        raise RefusedError(
            observed.where,
            f"the traffic is split by hand ({traffic})",
            f"`wherry rollout promote {observed.model}` or `wherry rollout rollback "
            f"{observed.model}` first.",
        )
    first = _unchecked_first(observed, history)
    if first is not None and asked in (None, first.release) and observed.releases[-1] == first:
        return first
    change = plan_set(observed, PERCENT, asked)
    if change.check is None:  # plan_set always names one
        raise AssertionError
    return change.check


def begin(
    observed: Observed, function: str, release: Release, now: datetime, *, fix: bool
) -> State:
    """The first state: nothing moves, and that it began is still to be told to the ledger."""
    stable = observed.live.traffic.stable
    name = f"{observed.model}-{release.release}-{now:%Y%m%dT%H%M%S}"
    why = f"release {release.release} against release {stable}"
    if release.release == stable:
        why = f"release {stable} alone: the first one is checked, and stays"
    beside = next((each for each in observed.releases if each.release == stable), release)
    if beside.experiment != release.experiment:
        why += "; their experiments differ, so subjects change arms while both answer"
    why += "; stable is known to be broken, so the candidate is judged alone" if fix else ""
    traffic = Traffic(stable)
    return State(
        rollout=name,
        model=observed.model,
        function=function,
        stable=stable,
        candidate=release.release,
        phase=PREFLIGHT,
        started=now,
        since=now,
        fix=fix,
        reason=why,
        pending=Transition(f"{name}/0", START, traffic, why, before=traffic),
        left=traffic,
        digest=release.digest,
        revisions=(observed.live.revision,),
    )


def _unchecked_first(observed: Observed, history: Sequence[Entry]) -> Release | None:
    stable = observed.live.traffic.stable
    if promoted(history) not in ((), (stable,)):
        return None
    checked = any(entry.action == PROMOTE and entry.after.stable == stable for entry in history)
    known = (release for release in observed.releases if release.release == stable)
    return None if checked else next(known, None)
