"""`wherry shadow`: which release is the shadow, and how far it agrees."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_shadows import FakeShadowLines, FakeShadows
from tests.support.shadow_lines_contract import Log, ShadowLinesContract
from tests.support.shadows_contract import Shadowed, ShadowsContract
from wherry.errors import CloudError, RefusedError, UsageError
from wherry_control.experiments.agreement import ALPHA, Agreement, agreements, half_width
from wherry_control.experiments.shadow_lines import LoggedShadows, shadow_lines
from wherry_control.experiments.shadowing import Moved, Shadowing
from wherry_control.functions import FunctionVersion, Traffic

FUNCTION = "wherry-dev-iris"
WITH = {"WHERRY_SHADOW_SHARE": "0.25"}


class TestFakeShadows(ShadowsContract):
    @pytest.fixture
    def shadowed(self) -> Shadowed:
        return Shadowed(FakeShadows("1", "2"), FUNCTION)


class TestFakeShadowLines(ShadowLinesContract):
    @pytest.fixture
    def log(self) -> Log:
        kept = FakeShadowLines()
        return Log(kept, FUNCTION, partial(kept.write, FUNCTION))


def a_lambda(*environments: dict[str, str]) -> FakeLambda:
    """Releases 1, 2, … with these environments; the first is stable."""
    functions = FakeLambda(FUNCTION)
    for number, environment in enumerate(environments, 1):
        functions.publish(FunctionVersion(str(number), environment=environment))
    return functions


def test_the_newest_release_becomes_the_shadow_of_stable() -> None:
    shadows = FakeShadows("1", "2", "3")

    moved = Shadowing(a_lambda(WITH, {}, {}), shadows).start(FUNCTION)

    assert moved == Moved(FUNCTION, None, "3", 0.25)
    assert shadows.at(FUNCTION) == "3"


def test_started_again_nothing_moves() -> None:
    shadows = FakeShadows("1", "2", "3")
    shadowing = Shadowing(a_lambda(WITH, {}, {}), shadows)

    told = [shadowing.start(FUNCTION, "2") for _ in range(2)]

    assert [each.before for each in told] == [None, "2"]
    assert shadows.moves == ["2"]


def test_a_release_with_live_traffic_is_no_shadow() -> None:
    """Lambda's lines do not say by which alias a request came that it ended."""
    functions = a_lambda(WITH, {})
    live = functions.live(FUNCTION)
    functions.move(FUNCTION, Traffic("1", "2", 10), revision=live.revision)
    shadows = FakeShadows("1", "2")

    with pytest.raises(RefusedError, match="release 2 has 10 % of the live traffic"):
        Shadowing(functions, shadows).start(FUNCTION)

    assert shadows.moves == []


def test_a_dry_run_moves_nothing() -> None:
    shadows = FakeShadows("1", "2")
    shadowing = Shadowing(a_lambda(WITH, {}), shadows, dry_run=True)

    shadowing.start(FUNCTION)
    shadowing.stop(FUNCTION)

    assert shadows.moves == []


def test_stopped_twice_is_no_error() -> None:
    shadowing = Shadowing(a_lambda(WITH, {}), FakeShadows("1", "2"))
    shadowing.start(FUNCTION)

    assert [shadowing.stop(FUNCTION).before for _ in range(2)] == ["2", None]


@pytest.mark.parametrize(
    ("environments", "release", "error", "said"),
    [
        ((WITH, {}), "9", UsageError, "The releases are: 1, 2"),
        ((WITH, {}), "1", RefusedError, "no shadow of itself"),
        ((WITH,), None, RefusedError, "no shadow of itself"),
        (({}, WITH), None, RefusedError, "stable release 1 sends no shadow anything"),
        (({"WHERRY_SHADOW_SHARE": "0"}, {}), None, RefusedError, "under \\[shadow\\]"),
    ],
)
def test_a_shadow_that_nobody_would_reach_is_refused(
    environments: tuple[dict[str, str], ...],
    release: str | None,
    error: type[Exception],
    said: str,
) -> None:
    shadows = FakeShadows("1", "2")

    with pytest.raises(error, match=said):
        Shadowing(a_lambda(*environments), shadows).start(FUNCTION, release)

    assert shadows.moves == []


def line(of: int, same: int = 1, rows: int = 1, **told: Any) -> dict[str, Any]:
    return {
        "message": "shadow",
        "of": f"{of:032x}",
        "release": "2",
        "stable_release": "1",
        "rows": rows,
        "same": same,
        "max_difference": 0.5,
        **told,
    }


def test_each_request_counts_once_by_its_share_of_rows() -> None:
    lines = [line(1), line(1), line(2, 1, 4, max_difference=2), line(3, 0, 2, error="ModelError")]

    (told,) = agreements(lines)

    assert told == Agreement(
        stable="1", release="2", requests=3, rows=7, same=2, failed=1,
        agreement=(1 + 0.25 + 0) / 3, low=told.low, high=told.high, worst_difference=2,
    )  # fmt: skip
    assert told.low <= told.agreement <= told.high


def test_pairs_of_releases_are_told_apart_the_newest_first() -> None:
    lines = [line(1), line(2, release="10"), line(3, stable_release="5")]

    assert [(told.release, told.stable) for told in agreements(lines)] == [
        ("10", "1"), ("2", "5"), ("2", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [{}, {"message": "prediction"}, line(1, rows=0, same=0), line(1, same=2), {**line(1), "of": 7}],
)
def test_a_line_that_tells_no_comparison_is_no_error(told: dict[str, Any]) -> None:
    assert agreements([told]) == []


@pytest.mark.parametrize("agree", [0.05, 0.5, 0.97])
def test_the_interval_holds_however_often_one_looks(agree: float) -> None:
    """Of 400 runs of 1,000 requests each, looked at after every one, few ever leave the truth."""
    runs, count = 400, np.arange(1, 1001)
    draws = np.random.default_rng(7).random((runs, len(count))) < agree
    widths = np.array([half_width(int(each)) for each in count])

    off = np.abs(draws.cumsum(axis=1) / count - agree) > widths

    assert off.any(axis=1).sum() <= ALPHA * runs


def test_the_interval_becomes_narrow() -> None:
    assert [round(half_width(count), 3) for count in (100, 1_000, 10_000)] == [0.168, 0.048, 0.017]


AT = datetime(2026, 7, 1, tzinfo=UTC)


class Logs:
    """CloudWatch Logs, as far as one filter goes."""

    def __init__(self, *messages: str, pages: int = 1, refused: str = "") -> None:
        self.messages, self.pages, self.refused = messages, pages, refused
        self.asked: dict[str, Any] = {}

    def get_paginator(self, _: str) -> "Logs":
        if self.refused:
            raise ClientError({"Error": {"Code": self.refused}}, "FilterLogEvents")
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked = asked
        size = -(-len(self.messages) // self.pages)
        return [
            {"events": [{"message": each} for each in self.messages[first : first + size]]}
            for first in range(0, len(self.messages), size)
        ]


def test_lines_are_read_from_the_functions_log_and_what_is_none_is_left_out() -> None:
    logs = Logs('{"message": "shadow", "of": "1"}', '{"message": "shadow", "o', "7", '{"a": 1}')

    told = list(shadow_lines(logs, FUNCTION, AT, AT))

    assert told == [{"message": "shadow", "of": "1"}]
    assert logs.asked["logGroupName"] == "/aws/lambda/wherry-dev-iris"
    assert logs.asked["startTime"] == 1_782_864_000_000


def test_a_log_that_is_too_long_is_read_for_a_while() -> None:
    """Else a turn of a rollout would be ended by Lambda, and the next one read the same again."""
    logs = Logs(*(f'{{"message": "shadow", "of": "{number}"}}' for number in range(9)), pages=9)
    seconds = iter(range(0, 900, 25))
    lines = LoggedShadows(logs, patience=60, clock=lambda: float(next(seconds)))

    told = list(lines(FUNCTION, AT, AT))

    assert [each["of"] for each in told] == ["0", "1", "2"]


def test_a_log_that_cannot_be_read_is_no_empty_one() -> None:
    with pytest.raises(CloudError, match="limits"):
        list(LoggedShadows(Logs(refused="ThrottlingException"))(FUNCTION, AT, AT))
