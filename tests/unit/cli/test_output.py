"""Output: results and talk apart, tables without a terminal, JSON of everything."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from cli.output import Output, Table, to_json
from wherry.errors import RefusedError
from wherry_control.functions import Traffic


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_results_and_talk_go_different_ways() -> None:
    out, err = StringIO(), StringIO()
    output = Output(as_json=False, stdout=out, stderr=err)

    output.note("working")
    output.result({"a": 1}, ["a is 1", Table(("name", "value"), [("a", "1"), ("long", "22")])])

    assert err.getvalue() == "working\n"
    assert out.getvalue() == "a is 1\nNAME  VALUE\na     1\nlong  22\n"


def test_talk_that_nobody_hears_stops_nothing() -> None:
    class Gone(StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    out = StringIO()
    output = Output(as_json=False, stdout=out, stderr=Gone())

    with output.working("Training"):
        output.result(None, ["trained"])

    assert out.getvalue() == "trained\n"


def test_json_is_the_only_thing_on_stdout() -> None:
    out, err = StringIO(), StringIO()
    output = Output(as_json=True, stdout=out, stderr=err)

    with output.working("Training"):
        output.result({"a": 1}, ["a is 1"])

    assert json.loads(out.getvalue()) == {"a": 1}
    assert err.getvalue() == "Training …\n"


def test_a_terminal_gets_a_drawn_table_with_its_text_untouched() -> None:
    """Brackets in a model's answer are no markup."""
    out = Terminal()

    Output(as_json=False, stdout=out, stderr=StringIO()).result(
        None, [Table(("output", "data"), [("label", "[bold]x")])]
    )

    assert "[bold]x" in out.getvalue()
    assert "─" in out.getvalue()


def test_values_of_every_kind_become_plain_json() -> None:
    @dataclass
    class Told:
        at: datetime
        path: Path
        traffic: Traffic
        rows: tuple[int, ...]

    at = datetime(2026, 11, 20, tzinfo=UTC)

    assert json.loads(to_json(Told(at, Path("/a"), Traffic("1", "2", 10.0), (1, 2)))) == {
        "at": "2026-11-20T00:00:00+00:00",
        "path": "/a",
        "traffic": {"stable": "1", "candidate": "2", "weight": 10.0},
        "rows": [1, 2],
    }


def test_lines_are_one_list_in_json() -> None:
    out = StringIO()

    Output(as_json=True, stdout=out, stderr=StringIO()).lines(iter(["a", "b"]))

    assert json.loads(out.getvalue()) == ["a", "b"]


def test_a_refusal_says_where_what_and_what_to_do() -> None:
    err = StringIO()
    output = Output(as_json=False, stdout=StringIO(), stderr=err)

    output.failed(RefusedError("rollout of iris", "no candidate", "Start one."))

    assert err.getvalue() == "error: rollout of iris: no candidate\n  → Start one.\n"
