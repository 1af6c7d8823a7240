"""The table [rollout] of a model.toml: what it makes, and what is refused."""

from dataclasses import fields
from pathlib import Path

import pytest

from wherry.errors import ConfigurationError
from wherry_control.judging.settings import JudgeSettings
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.plan_file import (
    JUDGE_KEYS,
    OWN_KEYS,
    PLAN_KEYS,
    load_plan,
    read_plan,
)

EVERYTHING = """
[rollout]
steps = [50]
deadline_minutes = 90
at_deadline = "hold"
hold_minutes = 30
tick_seconds = 5
smoke_requests = 0
golden_tolerance = 0.01
[rollout.judge]
alpha = 0.01
error_margin = 0.02
slow_margin = 0.1
distance = 0.2
consecutive_errors = 5
platform_errors = 1
outcome = "clicked"
outcome_better = "lower"
outcome_margin = 0.5
outcome_range = [-1, 1]
"""


def plan(folder: Path, text: str) -> Plan:
    (folder / "model.toml").write_text(text)
    return load_plan(folder)


def weights(table: dict[str, object]) -> list[float]:
    return [step.weight for step in read_plan("model.toml", table).steps]


def test_a_model_without_the_table_has_a_canary(tmp_path: Path) -> None:
    assert plan(tmp_path, "") == read_plan("model.toml", {"preset": "canary"})
    assert weights({}) == [5, 25, 50]


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("canary", [5, 25, 50]),
        ("linear", [10, 20, 30, 40, 50, 60, 70, 80, 90]),
        ("blue_green", [100]),
        ("all_at_once", []),
    ],
)
def test_each_preset_has_its_weights(preset: str, expected: list[float]) -> None:
    assert weights({"preset": preset}) == expected


def test_steps_are_numbers_or_tables_and_share_requests_and_minutes(tmp_path: Path) -> None:
    text = """
[rollout]
steps = [1, { weight = 33.3333333, requests = 7 }, { weight = 100, minutes = 0 }]
requests = 500
minutes = 2.5
"""
    assert plan(tmp_path, text).steps == (
        Step(weight=1, requests=500, minutes=2.5),
        Step(weight=33.333333, requests=7, minutes=2.5),
        Step(weight=100, requests=500, minutes=0),
    )


def test_everything_else_of_the_plan_is_told(tmp_path: Path) -> None:
    assert plan(tmp_path, EVERYTHING) == Plan(
        steps=(Step(weight=50.0),),
        judge=JudgeSettings(
            alpha=0.01,
            error_margin=0.02,
            slow_margin=0.1,
            distance=0.2,
            consecutive_errors=5,
            platform_errors=1,
            outcome="clicked",
            outcome_better="lower",
            outcome_margin=0.5,
            outcome_range=(-1.0, 1.0),
        ),
        deadline_minutes=90,
        at_deadline="hold",
        hold_minutes=30,
        tick_seconds=5,
        smoke_requests=0,
        golden_tolerance=0.01,
    )


def test_the_defaults_that_are_told_are_those_that_hold() -> None:
    made = read_plan("model.toml", {})

    told = {name: rule.default for name, rule in PLAN_KEYS.items() if name not in OWN_KEYS}
    assert told == {name: getattr(made, name) for name in told}
    assert told.keys() | {"steps", "judge"} == {each.name for each in fields(Plan)}
    assert Step(weight=5) == made.steps[0]
    assert (PLAN_KEYS["requests"].default, PLAN_KEYS["minutes"].default) == (
        made.steps[0].requests,
        made.steps[0].minutes,
    )
    judged = {name: rule.default for name, rule in JUDGE_KEYS.items()}
    assert judged == {
        each.name: list(each.default) if isinstance(each.default, tuple) else each.default
        for each in fields(JudgeSettings)
    }


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"preset": "green"}, r"\[rollout\] preset: 'green' is not allowed. Allowed: `canary`"),
        ({"preset": "linear", "steps": [1]}, "steps: a plan has steps or a preset"),
        ({"steps": []}, r"steps: \[\] is not allowed"),
        ({"steps": [0]}, "steps, number 1 weight: 0 is not allowed. Allowed: number, above 0"),
        ({"steps": [5, 101]}, "number 2 weight: 101 is not allowed"),
        ({"steps": [5, 5]}, "number 2: 5 does not rise above 5"),
        ({"steps": [5, "x"]}, "number 2 weight: 'x' is not allowed"),
        ({"steps": [{"requests": 5}]}, "number 1 weight: it is missing"),
        ({"steps": [{"weight": 5, "wait": 5}]}, "wait: no such key. Allowed: weight, requests, m"),
        ({"steps": [True]}, "True is not allowed"),
        ({"requests": 0}, "requests: 0 is not allowed. Allowed: whole number, 1 or more"),
        ({"requests": 1.5}, "1.5 is not allowed"),
        ({"minutes": -1}, "minutes: -1 is not allowed"),
        ({"minutes": float("nan")}, "nan is not allowed"),
        ({"deadline_minutes": 0}, "deadline_minutes: 0 is not allowed"),
        ({"at_deadline": "promote"}, "'promote' is not allowed. Allowed: `hold`, `roll_back`"),
        ({"tick_seconds": 4}, "4 is not allowed. Allowed: whole number, 5 to 900"),
        ({"judge": 3}, "judge: 3 is not allowed. Allowed: a table"),
        ({"judge": {"alpha": 1}}, r"\[rollout.judge\] alpha: 1 is not allowed"),
        ({"judge": {"beta": 1}}, r"\[rollout.judge\] beta: no such key. Allowed: alpha, "),
        ({"judge": {"outcome_range": [1, 0]}}, "outcome_range: .* the lesser first"),
        ({"speed": 1}, "speed: no such key. Allowed: preset, steps, "),
        (3, r"model.toml: rollout: 3 is no table. Write \[rollout\]"),
    ],
)
def test_what_is_wrong_is_refused_with_key_value_and_what_is_allowed(
    table: object, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_plan("model.toml", table)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"model\.toml"):
        plan(tmp_path, "[rollout")


def test_an_outcome_needs_a_margin() -> None:
    """That a candidate is worse by nothing at all can be proven only of a better one."""
    with pytest.raises(ConfigurationError, match=r"outcome_margin: an outcome needs a margin"):
        read_plan("model.toml", {"judge": {"outcome": "clicked"}})


@pytest.mark.parametrize("table", [{"preset": "blue_green"}, {"preset": "all_at_once"}])
def test_an_outcome_needs_a_step_beside_stable(table: dict[str, object]) -> None:
    """Alone it is not judged: it would promote whatever the outcome is."""
    judge = {"outcome": "clicked", "outcome_margin": 0.1}

    with pytest.raises(ConfigurationError, match=r"outcome: it is judged beside stable's"):
        read_plan("model.toml", {**table, "judge": judge})
