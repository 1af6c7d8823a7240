"""What a rollout will compare: each answer is counted as what it was."""

import json

import pytest

from wherry.evidence import PowertoolsEvidence, Prediction
from wherry.release import Release

RELEASE = Release("iris", 3, "7", "sha256:" + "a" * 64)


@pytest.mark.parametrize(
    ("status", "refusals", "errors"),
    [(200, 0, 0), (400, 1, 0), (413, 1, 0), (499, 1, 0), (500, 0, 1), (503, 0, 1)],
)
def test_a_callers_mistake_is_a_refusal_and_ours_an_error(
    capsys: pytest.CaptureFixture[str], status: int, refusals: int, errors: int
) -> None:
    PowertoolsEvidence(RELEASE).record(Prediction("id", status, 0, 1.5))

    [told] = [
        line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line
    ]
    assert (told["Predictions"], told["Refusals"], told["Errors"]) == ([1], [refusals], [errors])


def test_one_predictions_numbers_are_not_added_to_the_next_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    evidence = PowertoolsEvidence(RELEASE)

    for status in (500, 200):
        evidence.record(Prediction("id", status, 4, 1.5))

    told = [
        line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line
    ]
    assert [line["Errors"] for line in told] == [[1], [0]]
