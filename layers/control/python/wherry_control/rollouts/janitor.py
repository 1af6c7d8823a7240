"""
The janitor: which old versions of a function may go, and their removal.

CloudFormation keeps every version that a good deploy published (docs/decisions/0001), so somebody
must clear away. A version is kept if it is one of the newest, or if anything could still send
traffic to it: the aliases, that of a shadow too, the release that the ledger saw promoted last and
the one before it (the way back), a rollout that is not done, or a stack, which names the version
that it published. While a stack is being deployed, nothing goes. `prunable` is pure and says for
each version why; if in doubt it keeps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wherry.errors import ConflictError
from wherry_control.experiments.shadowing import Shadows
from wherry_control.functions import Functions, Traffic
from wherry_control.gateway import Stack
from wherry_control.ledger import Entry, Ledger, promoted
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import RolloutStore

KEEP = 5  # of the newest, if nobody says otherwise
WAY_BACK = 2  # releases that were promoted last: the one that is live, and the one before it
SETTLED = "_COMPLETE"
"""A stack's status ends so when no deploy is on its way, and none was left half-done."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that may refer to a version. `stack` is None if the model has none any more."""

    live: Traffic
    history: Sequence[Entry] = ()
    rollout: State | None = None
    stack: Stack | None = None
    shadow: str | None = None


@dataclass(frozen=True)
class Pruning:
    """The versions that go, oldest first, and why each other one is kept."""

    goes: tuple[str, ...]
    kept: Mapping[str, str]


def prunable(versions: Sequence[str], known: Known, *, keep: int = KEEP) -> Pruning:
    """Judge each version, of which the newest is last; `keep` is at least one."""
    reasons = dict.fromkeys(versions[-max(keep, 1) :], f"one of the newest {keep}")
    if known.stack is not None and not known.stack.status.endswith(SETTLED):
        why = f"the stack is {known.stack.status}"
        reasons = dict.fromkeys(versions, why)
    reasons |= _referred(known)
    return Pruning(
        tuple(name for name in versions if name not in reasons),
        {name: reasons[name] for name in versions if name in reasons},
    )


def _referred(known: Known) -> dict[str, str]:
    """Why which versions are needed; what matters most comes last, and is told."""
    told: dict[str, str] = {}
    if known.stack is not None and "Version" in known.stack.outputs:
        told[known.stack.outputs["Version"]] = "the stack published it last"
    if known.shadow is not None:
        told[known.shadow] = "it is the shadow"
    told |= dict.fromkeys(promoted(known.history)[-WAY_BACK:], "the way back")
    if known.rollout is not None and not known.rollout.done:
        state = known.rollout
        told |= dict.fromkeys((state.stable, state.candidate), f"rollout {state.rollout} needs it")
        told |= _named(state.expected, f"rollout {state.rollout} needs it")
    return told | _named(known.live, "the alias names it")


def _named(traffic: Traffic, why: str) -> dict[str, str]:
    return {name: why for name in (traffic.stable, traffic.candidate) if name is not None}


@dataclass(frozen=True, kw_only=True)
class Janitor:
    """Prunes one function; with `dry_run` it only says what it would do."""

    functions: Functions
    ledger: Ledger
    store: RolloutStore
    shadows: Shadows
    dry_run: bool = False

    def prune(self, model: str, function: str, stack: Stack | None, *, keep: int = KEEP) -> Pruning:
        """
        Delete what may go; return what went, and why the rest was kept.

        Lambda itself refuses to delete a version that an alias names: whoever moved the alias
        meanwhile keeps it.
        """
        versions = [item.version for item in self.functions.versions(function)]
        kept = self.store.load(model)
        known = Known(
            live=self.functions.live(function).traffic,
            history=self.ledger.entries(model),
            rollout=kept.state if kept is not None else None,
            stack=stack,
            shadow=self.shadows.at(function),
        )
        pruning = prunable(versions, known, keep=keep)
        return pruning if self.dry_run else self._removed(function, pruning)

    def _removed(self, function: str, pruning: Pruning) -> Pruning:
        gone, refused = [], {}
        for version in pruning.goes:
            try:
                self.functions.delete(function, version)
            except ConflictError:
                refused[version] = "Lambda says that it is in use"
            else:
                gone.append(version)
        return Pruning(tuple(gone), {**pruning.kept, **refused})
