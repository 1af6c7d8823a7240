"""
The table `[rollout]` of a model.toml, read into a plan.

Each key has one rule: what is allowed, in words for people, and whether a value is. A key that is
unknown or a value that is not allowed is refused with the file, the key, the value and what is
allowed. A model without the table gets the preset `canary`.
"""

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from wherry.errors import ConfigurationError
from wherry.golden import TOLERANCE
from wherry_control.functions import DIGITS
from wherry_control.judging.settings import JudgeSettings
from wherry_control.rollouts.plan import HOLD, ROLL_BACK, Plan, Step

PRESETS: Mapping[str, tuple[float, ...]] = {
    "canary": (5, 25, 50),
    "linear": (10, 20, 30, 40, 50, 60, 70, 80, 90),
    "blue_green": (100,),
    "all_at_once": (),
}
DEFAULT = "canary"
WHOLE = 100  # percent


@dataclass(frozen=True)
class Rule:
    """What a key may be: `default` where it is not told, `allowed` in words, and the test."""

    default: Any
    allowed: str
    fits: Callable[[Any], bool]


def _number(default: float, least: float, most: float = math.inf, *, above: bool = False) -> Rule:
    def fits(value: Any) -> bool:
        return _is_number(value) and (least < value if above else least <= value) and value <= most

    limit = f"above {least:g}" if above else f"{least:g} or more"
    told = limit if math.isinf(most) else f"{limit}, at most {most:g}"
    return Rule(default, f"number, {told}", fits)


def _whole(default: int, least: int, most: float = math.inf) -> Rule:
    def fits(value: Any) -> bool:
        return isinstance(value, int) and _is_number(value) and least <= value <= most

    told = f"{least} or more" if math.isinf(most) else f"{least} to {most}"
    return Rule(default, f"whole number, {told}", fits)


def _one_of(default: str, *allowed: str) -> Rule:
    return Rule(default, ", ".join(f"`{each}`" for each in allowed), lambda value: value in allowed)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_range(value: Any) -> bool:
    match value:
        case [least, greatest]:
            return _is_number(least) and _is_number(greatest) and least < greatest
    return False


REQUESTS = _whole(100, 1)
MINUTES = _number(5.0, 0)
WEIGHT = _number(math.nan, 0, WHOLE, above=True)
STEP_KEYS: Mapping[str, Rule] = {"weight": WEIGHT, "requests": REQUESTS, "minutes": MINUTES}
PLAN_KEYS: Mapping[str, Rule] = {
    "preset": _one_of(DEFAULT, *PRESETS),
    "steps": Rule(
        None,
        "a list of rising weights, above 0 and at most 100, or of tables with "
        "`weight`, `requests` and `minutes`; not beside `preset`",
        lambda value: isinstance(value, list) and bool(value),
    ),
    "requests": REQUESTS,
    "minutes": MINUTES,
    "deadline_minutes": _number(1440, 0, above=True),
    "at_deadline": _one_of(ROLL_BACK, HOLD, ROLL_BACK),
    "hold_minutes": _number(720, 0),
    "tick_seconds": _whole(60, 5, 900),
    "smoke_requests": _whole(20, 0, 1000),
    "golden_tolerance": _number(TOLERANCE, 0),
    "judge": Rule(None, "a table", lambda value: isinstance(value, dict)),
}
OWN_KEYS = ("preset", "steps", "requests", "minutes", "judge")  # the others are fields of a plan
JUDGE: Mapping[str, Any] = {each.name: each.default for each in fields(JudgeSettings)}
JUDGE_KEYS: Mapping[str, Rule] = {
    "alpha": _number(JUDGE["alpha"], 0, 0.5, above=True),
    "error_margin": _number(JUDGE["error_margin"], 0, 1, above=True),
    "slow_margin": _number(JUDGE["slow_margin"], 0, 1, above=True),
    "distance": _number(JUDGE["distance"], 0, 1, above=True),
    "consecutive_errors": _whole(JUDGE["consecutive_errors"], 2),
    "platform_errors": _whole(JUDGE["platform_errors"], 1),
    "outcome": Rule(JUDGE["outcome"], "the name of a metric", lambda value: isinstance(value, str)),
    "outcome_better": _one_of(JUDGE["outcome_better"], "higher", "lower"),
    "outcome_margin": _number(JUDGE["outcome_margin"], 0),
    "outcome_range": Rule(list(JUDGE["outcome_range"]), "two numbers, the lesser first", _is_range),
}


def load_plan(folder: Path) -> Plan:
    """The plan of a model folder; raise ConfigurationError at the first thing that is wrong."""
    file = folder / "model.toml"
    try:
        told = tomllib.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(str(file), str(error), "Correct the file.") from error
    return read_plan(str(file), told.get("rollout", {}))


def read_plan(where: str, table: Any) -> Plan:
    """The plan that the table `[rollout]` of the file `where` makes."""
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}: rollout", f"{table!r} is no table", "Write [rollout].")
    at = f"{where}: [rollout]"
    checked = _checked(at, table, PLAN_KEYS)
    if {"preset", "steps"} <= checked.keys():
        raise ConfigurationError(f"{at} steps", "a plan has steps or a preset", "Remove one.")
    own = {name: value for name, value in checked.items() if name not in OWN_KEYS}
    judge, steps = (
        _judge(f"{where}: [rollout.judge]", checked.get("judge", {})),
        _steps(at, checked),
    )
    if judge.outcome and not any(step.weight < WHOLE for step in steps):
        raise ConfigurationError(
            f"{where}: [rollout.judge] outcome",
            "it is judged beside stable's, and no step of this plan leaves stable any traffic",
            f"Give a step below {WHOLE}, or no outcome.",
        )
    return Plan(steps=steps, judge=judge, **own)


def _steps(at: str, table: Mapping[str, Any]) -> tuple[Step, ...]:
    shared = {name: table[name] for name in ("requests", "minutes") if name in table}
    told = table.get("steps", PRESETS[table.get("preset", DEFAULT)])
    steps: list[Step] = []
    for number, each in enumerate(told, 1):
        step = _step(f"{at} steps, number {number}", each, shared)
        if steps and step.weight <= steps[-1].weight:
            raise ConfigurationError(
                f"{at} steps, number {number}",
                f"{step.weight:g} does not rise above {steps[-1].weight:g}",
                "Give rising weights.",
            )
        steps.append(step)
    return tuple(steps)


def _step(at: str, told: Any, shared: Mapping[str, Any]) -> Step:
    table = told if isinstance(told, dict) else {"weight": told}
    values = {**shared, **_checked(at, table, STEP_KEYS)}
    if "weight" not in values:
        raise ConfigurationError(f"{at} weight", "it is missing", f"Give a {WEIGHT.allowed}.")
    return Step(**{**values, "weight": round(float(values["weight"]), DIGITS)})


def _judge(at: str, table: Mapping[str, Any]) -> JudgeSettings:
    values = _checked(at, table, JUDGE_KEYS)
    if "outcome_range" in values:
        values["outcome_range"] = tuple(float(each) for each in values["outcome_range"])
    if values.get("outcome") and not values.get("outcome_margin"):
        raise ConfigurationError(
            f"{at} outcome_margin",
            "an outcome needs a margin: that it is worse by nothing can hardly be proven",
            "Give a number above 0, in the outcome's own unit.",
        )
    return JudgeSettings(**values)


def _checked(at: str, table: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    for key in sorted(table.keys() - rules.keys()):
        raise ConfigurationError(f"{at} {key}", "no such key", f"Allowed: {_listed(rules)}.")
    for key, value in table.items():
        if not rules[key].fits(value):
            raise ConfigurationError(
                f"{at} {key}", f"{value!r} is not allowed", f"Allowed: {rules[key].allowed}."
            )
    return dict(table)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
