"""Golden replay: which answers let a candidate through."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_lambda import FakeLambda
from tests.support.rollout_golden import EXAMPLE, GOOD, answering, artifact
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, RefusedError
from wherry_control.functions import FunctionVersion
from wherry_control.golden import GoldenReplay, golden_tolerance
from wherry_control.releases import releases_of

FUNCTION = "wherry-dev-iris"


def replay(answer: dict[str, Any] | Exception, *examples: Mapping[str, Any]) -> int:
    sealed = artifact(*(examples or (EXAMPLE,)))
    functions = FakeLambda(FUNCTION)

    def handler(_event: Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    functions.publish(FunctionVersion("1", environment={"WHERRY_DIGEST": sealed.digest}), handler)
    check = GoldenReplay(functions=functions, load={sealed.digest: sealed}.__getitem__)
    return check("iris", FUNCTION, releases_of(functions, FUNCTION)[0])


@pytest.mark.parametrize("encoded", [True, False])
def test_the_right_answers_pass(encoded: bool) -> None:  # noqa: FBT001 (a pytest parameter)
    assert replay(answering([0, 0], GOOD, encoded=encoded)) == 1


def test_a_wrong_label_is_refused_and_named() -> None:
    with pytest.raises(RefusedError, match=r"'setosa'.*\[0, 1\], where \[0, 0\]"):
        replay(answering([0, 1], GOOD))


def test_numbers_may_differ_within_the_tolerance_only() -> None:
    assert replay(answering([0, 0], [0.90005, 0.1, 0.8, 0.2])) == 1
    with pytest.raises(RefusedError):
        replay(answering([0, 0], [0.9002, 0.1, 0.8, 0.2]))


def test_an_example_may_allow_more() -> None:
    generous = {**EXAMPLE, "tolerance": 0.01}

    assert replay(answering([0, 0], [0.901, 0.1, 0.8, 0.2]), generous) == 1


def test_a_missing_output_or_row_is_refused() -> None:
    with pytest.raises(RefusedError):
        replay(answering([0], GOOD))
    with pytest.raises(RefusedError):
        replay(answering([0, 0], GOOD), {**EXAMPLE, "expect": {"score": [1]}})


@pytest.mark.parametrize(
    "answer", [answering([0, 0], GOOD, status=500), RuntimeError("out of memory")]
)
def test_a_candidate_that_fails_is_refused(answer: dict[str, Any] | Exception) -> None:
    with pytest.raises(RefusedError, match="Nothing was moved"):
        replay(answer)


def test_a_release_that_pins_no_artifact_is_refused() -> None:
    functions = FakeLambda(FUNCTION)
    functions.publish(FunctionVersion("1"))
    bare = releases_of(functions, FUNCTION)[0]
    no_artifacts = dict[str, Artifact]().__getitem__

    with pytest.raises(RefusedError, match="pins no artifact"):
        GoldenReplay(functions=functions, load=no_artifacts)("iris", FUNCTION, bare)


def test_the_candidate_gets_the_event_that_api_gateway_sends() -> None:
    seen: list[Mapping[str, Any]] = []
    sealed = artifact(EXAMPLE)
    functions = FakeLambda(FUNCTION)

    def handler(event: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(event)
        return answering([0, 0], GOOD)

    functions.publish(FunctionVersion("1", environment={"WHERRY_DIGEST": sealed.digest}), handler)

    GoldenReplay(functions=functions, load=lambda _digest: sealed)(
        "iris", FUNCTION, releases_of(functions, FUNCTION)[0]
    )

    assert (seen[0]["httpMethod"], seen[0]["path"]) == ("POST", "/v2/models/iris/infer")
    assert json.loads(base64.b64decode(seen[0]["body"])) == {
        "inputs": [
            {
                "name": "features",
                "shape": [2, 2],
                "datatype": "FP32",
                "data": [5.1, 3.5, 4.9, 3.0],
            }
        ]
    }


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("golden_tolerance = -1", "-1 is not allowed"),
        ("golden_tolerance = true", "True is not allowed"),
        ("tolerance = 1", "no such key"),
    ],
)
def test_a_wrong_rollout_table_is_refused_with_key_and_value(
    tmp_path: Path, table: str, said: str
) -> None:
    (tmp_path / "model.toml").write_text(f"[rollout]\n{table}\n")

    with pytest.raises(ConfigurationError, match=said):
        golden_tolerance(tmp_path)


def test_a_rollout_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("rollout = 3\n")

    with pytest.raises(ConfigurationError, match=r"rollout: 3 is no table. Write \[rollout\]"):
        golden_tolerance(tmp_path)


def test_the_rollout_table_sets_the_tolerance(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("[rollout]\ngolden_tolerance = 0.01\n")

    assert golden_tolerance(tmp_path) == 0.01
