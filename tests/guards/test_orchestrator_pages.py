"""What the page of Airflow shows is what Wherry takes; Prefect's is run (tests/clients)."""

import ast
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from docs import commands
from docs.blocks import blocks
from docs.checks import DOCS
from wherry.batch.actions import Asked

PAGE = DOCS / "how-to/batch-with-airflow.md"
TREES = [ast.parse(block.text) for block in blocks(PAGE) if block.language == "python"]
DAY = "{{ ds }}"


def given(tree: ast.Module, keyword: str) -> Iterator[ast.expr]:
    """What calls are given by this keyword."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (each.value for each in node.keywords if each.arg == keyword)


def constants(tree: ast.Module) -> dict[str, Any]:
    """Names that the module gives to text."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def test_the_command_in_the_dag_is_one_that_wherry_takes() -> None:
    told = constants(TREES[0])["PREDICT"].replace(DAY, "2026-11-26")

    found = list(commands.in_shell(told))

    assert [words[:3] for words in found] == [["batch", "run", "iris"]]
    assert not commands.fault(found[0])
    assert "--json" in found[0]


def test_what_the_dag_reads_of_the_counts_is_there() -> None:
    from wherry_control.batch.summary import Summary

    read = {
        node.slice.value
        for node in ast.walk(TREES[0])
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.value, ast.Name)
    }

    assert {"rows", "predicted", "refused", "refused_rows"} <= read <= set(Summary.__annotations__)


def test_what_the_state_machine_is_told_is_what_the_function_reads() -> None:
    (node,) = given(TREES[1], "state_machine_input")

    told = msgspec.convert(ast.literal_eval(node), Asked)

    assert told.options.id == "flower"
    assert set(ast.literal_eval(node)) <= set(Asked.__struct_fields__)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"input": "s3://a/"}, Asked)
