"""
From a declared experiment to a locked one: digests of the arms, the salt, and who is in which arm.

The salt and the buckets of the lock before are the memory of an experiment: with the same name they
are kept, so that nobody changes arms but who must; another name is another experiment and draws a
new salt. What a lock forgets nobody can draw again, so a lock that is broken is not replaced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol

from wherry.errors import ConfigurationError
from wherry.experiments.spec import Arm, Experiment
from wherry_control.experiments.declared import DeclaredArm, DeclaredExperiment
from wherry_control.experiments.shares import reshared
from wherry_control.locks import ModelLock, read_lock

if TYPE_CHECKING:
    from wherry.store import ModelVersion

Salt = Callable[[], str]


class Versions(Protocol):
    """A model store, as far as it tells which versions a model has."""

    def versions(self, model: str) -> "Sequence[ModelVersion]": ...


def new_salt() -> str:
    """128 bits that nobody can guess."""
    return token_hex(16)


@dataclass(frozen=True)
class Resolver:
    """Completes a lock by the experiment that `declared` wants; None takes one out of it."""

    declared: DeclaredExperiment | None
    before: Experiment | None
    store: Versions
    salt: Salt = new_salt

    def __call__(self, lock: ModelLock) -> ModelLock:
        """Raise ConfigurationError if the store has no version that an arm names."""
        experiment = self._experiment(self.declared, lock) if self.declared else None
        return replace(lock, experiment=experiment)

    def check(self, model: str) -> None:
        """Before anything is published: whether the store has the versions of the arms."""
        if self.declared is not None:
            self._digests(self.declared, model)

    def _experiment(self, wanted: DeclaredExperiment, lock: ModelLock) -> Experiment:
        same = self.before if self.before and self.before.name == wanted.name else None
        known = {arm.name: arm.buckets for arm in same.arms} if same else {}
        buckets = reshared(known, {arm.name: arm.buckets for arm in wanted.arms})
        digests = self._digests(wanted, lock.model) | {None: lock.digest}
        arms = tuple(
            Arm(arm.name, arm.version or lock.version, digests[arm.version], buckets[arm.name])
            for arm in wanted.arms
        )
        salt = same.salt if same else self.salt()
        return Experiment(wanted.name, salt, wanted.subject, wanted.metric, arms)

    def _digests(self, wanted: DeclaredExperiment, model: str) -> dict[int | None, str]:
        known: dict[int | None, str] = {
            told.version: told.digest for told in self.store.versions(model)
        }
        for arm in wanted.arms:
            if arm.version is not None and arm.version not in known:
                raise _unpublished(wanted, arm, model, [*known])
        return known


def experiment_before(path: Path) -> Experiment | None:
    """Of the lock at `path`; None if there is none."""
    try:
        lock = read_lock(path)
    except ConfigurationError as error:
        raise ConfigurationError(
            error.where,
            f"{error.what}; who is in which arm was in it",
            "Restore it, or delete it: every subject is then drawn anew.",
        ) from error
    return lock.experiment if lock else None


def _unpublished(
    wanted: DeclaredExperiment, arm: DeclaredArm, model: str, known: Sequence[int | None]
) -> ConfigurationError:
    shown = ", ".join(map(str, known)) or "none yet"
    return ConfigurationError(
        f"{wanted.where} arm {arm.name} version",
        f"{arm.version} was not published here",
        f"Published versions of {model}: {shown}.",
    )
