"""
`[experiment]` of a model.toml: the arms that somebody wants, and how much of the traffic of each.

It is judged here, and only here: a wrong value is refused with the file, the key, the value and
what is allowed. Which subjects an arm gets is not declared, but drawn up (`resolving`) and locked.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wherry.errors import ConfigurationError
from wherry.experiments.spec import BUCKETS, METRIC, NAME, SUBJECT, SUBJECT_IN_WORDS

TABLE = "experiment"
KEYS = ("name", "subject", "metric", "arms")
ARM_KEYS = ("name", "share", "version")
LEAST = 2  # arms
_NAME_IN_WORDS = "a letter, then up to 39 of a-z, 0-9 and -"
ALLOWED: Mapping[str, str] = {
    "name": _NAME_IN_WORDS,
    "subject": SUBJECT_IN_WORDS,
    "metric": "a letter, then up to 39 of a-z, 0-9 and _",
    "arms": f"two or more tables [[{TABLE}.arms]]",
}
ARMS_ALLOWED: Mapping[str, str] = {
    "name": _NAME_IN_WORDS,
    "share": "a percentage, 0 to 100, of at most two decimals",
    "version": "a model version, a whole number from 1",
}
_TEXTS: Mapping[str, str] = {"name": NAME, "subject": SUBJECT, "metric": METRIC}


@dataclass(frozen=True)
class DeclaredArm:
    """`buckets` is its share in hundredths of a percent; no `version`: what the release serves."""

    name: str
    buckets: int
    version: int | None = None


@dataclass(frozen=True)
class DeclaredExperiment:
    """The table as it stands, checked; `where` names it in messages."""

    where: str
    name: str
    subject: str
    metric: str
    arms: tuple[DeclaredArm, ...]


def read_experiment(folder: Path) -> DeclaredExperiment | None:
    """None where the model folder declares none; ConfigurationError if what it says is wrong."""
    file = folder / "model.toml"
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(str(file), str(error)) from error
    return declared(file, told[TABLE]) if TABLE in told else None


def declared(file: Path, table: object) -> DeclaredExperiment:
    """The table of `file`, as TOML gives it."""
    where = f"{file}: [{TABLE}]"
    known = _table(where, table, KEYS)
    texts = {key: _like(where, known, key, rule, ALLOWED[key]) for key, rule in _TEXTS.items()}
    return DeclaredExperiment(where, **texts, arms=_arms(where, known.get("arms")))


def _arms(where: str, told: object) -> tuple[DeclaredArm, ...]:
    if not isinstance(told, list) or len(told) < LEAST:
        raise _wrong(f"{where} arms", told, ALLOWED["arms"])
    arms = [_arm(f"{where} arms {number}", arm) for number, arm in enumerate(told, 1)]
    names = [arm.name for arm in arms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{where} arms", f"{twice[0]!r} is there twice", "Rename one.")
    controls = [arm.name for arm in arms if arm.version is None]
    if len(controls) != 1:
        which = f"{', '.join(controls)} have" if controls else "every arm has a version, and none"
        raise ConfigurationError(
            f"{where} arms",
            f"{which} no version" if controls else f"{which} is the release's own",
            "Leave out `version` of exactly one arm, the control: it is what the release serves.",
        )
    _check_sum(where, arms)
    return tuple(arms)


def _arm(where: str, told: object) -> DeclaredArm:
    known = _table(where, told, ARM_KEYS)
    version = known.get("version")
    if version is not None and (type(version) is not int or version < 1):
        raise _wrong(f"{where} version", version, ARMS_ALLOWED["version"])
    name = _like(where, known, "name", NAME, _NAME_IN_WORDS)
    return DeclaredArm(name, _buckets(f"{where} share", known.get("share")), version)


def _buckets(where: str, share: object) -> int:
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 100:  # noqa: PLR2004 - percent
        raise _wrong(where, share, ARMS_ALLOWED["share"])
    buckets = round(share * BUCKETS / 100)
    if abs(buckets - share * BUCKETS / 100) > 1e-6:  # noqa: PLR2004 - what 0.1 is off as a float
        raise _wrong(where, share, ARMS_ALLOWED["share"])
    return buckets


def _check_sum(where: str, arms: Sequence[DeclaredArm]) -> None:
    total = sum(arm.buckets for arm in arms)
    if total != BUCKETS:
        raise ConfigurationError(
            f"{where} arms",
            f"the shares sum to {total * 100 / BUCKETS:g}, and to 100 they must",
            "Give the control what is left.",
        )


def _table(where: str, told: object, keys: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise _wrong(where, told, "a table")
    for key in told:
        if key not in keys:
            raise ConfigurationError(
                f"{where} {key}", "no such key", f"Allowed: {', '.join(keys)}."
            )
    return told


def _like(where: str, told: Mapping[str, Any], key: str, pattern: str, meaning: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise _wrong(f"{where} {key}", value, meaning)
    return value


def _wrong(where: str, value: object, allowed: str) -> ConfigurationError:
    told = "it is missing" if value is None else f"{value!r} is not allowed"
    return ConfigurationError(where, told, f"Allowed: {allowed}.")
