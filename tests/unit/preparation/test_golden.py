"""A golden.json that cannot be replayed is refused where it is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.preparation.golden import read_golden
from tests.support.models import a_model
from wherry.errors import ConfigurationError

INPUTS = {"name": "a", "inputs": {"features": [[1]]}}
EXAMPLE = {**INPUTS, "expect": {"label": [1]}}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([], "is not allowed"),
        ({}, "examples: it is missing"),
        ({"examples": []}, "examples: .* at least 1 item"),
        ({"examples": [EXAMPLE], "more": 1}, "more: no such key. Allowed: examples"),
        ({"examples": [INPUTS]}, "examples.0.expect: it is missing"),
        ({"examples": [{**EXAMPLE, "expect": {}}]}, "examples.0.expect: {} is not allowed"),
        (
            {"examples": [{**EXAMPLE, "tol": 1}]},
            "examples.0.tol: no such key. Allowed: name, inputs, expect, tolerance",
        ),
        (
            {"examples": [{**EXAMPLE, "tolerance": -1}]},
            "examples.0.tolerance: -1.* is not allowed",
        ),
    ],
)
def test_each_mistake_is_told_by_its_key(tmp_path: Path, content: Any, told: str) -> None:
    folder = a_model(tmp_path, {"golden.json": json.dumps(content)})

    with pytest.raises(ConfigurationError, match=told) as caught:
        read_golden(folder)
    assert str(folder / "golden.json") in caught.value.where


def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"golden.json: it is no JSON"):
        read_golden(a_model(tmp_path, {"golden.json": "{"}))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Write an example or two"):
        read_golden(tmp_path)
