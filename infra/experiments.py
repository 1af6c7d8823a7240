"""
The experiment of a release as one literal: what its lock says, if model.toml still asks for it.

`wherry publish` and `wherry experiment lock` draw it up; here it is only compared, so that nobody
deploys shares that the checkout does not show. The function judges it again when it starts.
"""

import json
from collections.abc import Mapping
from typing import Any

from infra.rules import Between, ConfigurationError, checked, known

BUCKETS = 10_000
LONGEST = 2_500  # characters; a function's whole environment has 4 KB
KEYS = ("name", "salt", "subject", "metric", "arms")
ARM_KEYS = ("name", "version", "digest", "buckets")
SAME = ("name", "subject", "metric")  # as the lock and model.toml both tell them
SHARE = Between(0, 1, (int, float))


class Locked:
    """An experiment as a lock holds it, or none."""

    def allows(self, value: object) -> bool:
        if value is None:
            return True
        return (
            isinstance(value, dict)
            and value.keys() == set(KEYS)
            and isinstance(value["arms"], list)
            and all(map(_is_arm, value["arms"]))
        )

    def __str__(self) -> str:
        return "an experiment, as `wherry experiment lock` writes it"


def _is_arm(told: object) -> bool:
    return (
        isinstance(told, dict)
        and told.keys() == set(ARM_KEYS)
        and isinstance(told["buckets"], list)
        and all(
            isinstance(each, list) and [type(end) for end in each] == [int, int]
            for each in told["buckets"]
        )
    )


def experiment_literal(
    where: str, declared: object, locked: Mapping[str, Any] | None, model: str, version: int
) -> str:
    """Compact JSON, or nothing where neither has one; ConfigurationError where they differ."""
    if declared is None and locked is None:
        return ""
    if declared is None or locked is None or _wanted(declared, version) != _drawn_up(locked):
        raise ConfigurationError(
            f"{where} [experiment]",
            "the lock has another experiment, or none" if declared else "the lock still has one",
            f"Run `wherry experiment lock {model}` with the --target of this deploy",
        )
    literal = json.dumps(locked, separators=(",", ":"))
    if len(literal) > LONGEST:
        raise ConfigurationError(
            f"{where} [experiment]",
            f"it takes {len(literal)} characters of the function's environment, of {LONGEST}",
            "Give it another name: every subject is drawn anew then, in a few ranges; or fewer "
            "arms",
        )
    return literal


def shadow_share(where: str, table: object) -> float:
    """Which share of the requests `[shadow]` wants a candidate to answer too, unseen."""
    where = f"{where} [shadow]"
    if not isinstance(table, dict):
        raise ConfigurationError(where, "it is no table", "Write [shadow], then share = 0.1")
    known(where, table, ("share",))
    return float(checked(where, "share", table.get("share", 0), SHARE))


def _wanted(declared: object, version: int) -> object:
    """None where it is not even of the form; whoever draws it up says why."""
    if not isinstance(declared, dict) or not isinstance(declared.get("arms"), list):
        return None
    arms = [arm for arm in declared["arms"] if isinstance(arm, dict)]
    try:
        shares = [round(arm.get("share", 0) * BUCKETS / 100) for arm in arms]
    except (TypeError, ValueError, OverflowError):
        return None
    told = [(arm.get("name"), arm.get("version", version)) for arm in arms]
    return [declared.get(key) for key in SAME], list(zip(told, shares, strict=True))


def _drawn_up(locked: Mapping[str, Any]) -> object:
    arms = locked["arms"]
    shares = [sum(end - begin for begin, end in arm["buckets"]) for arm in arms]
    told = [(arm["name"], arm["version"]) for arm in arms]
    return [locked[key] for key in SAME], list(zip(told, shares, strict=True))
