"""
All output of the command: results on stdout, talk on stderr, one JSON document with --json.

Views return lines and tables as values; this module alone decides how they look: rich tables on a
terminal, aligned plain lines in a pipe. rich is imported only when it is about to draw.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from wherry.errors import WherryError


@dataclass(frozen=True)
class Table:
    """Columns and rows of text."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> list[str]:
        """Aligned with spaces, for pipes and files."""
        grid = [[name.upper() for name in self.columns], *self.rows]
        widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
        return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in grid]


View = Sequence[str | Table]


class Output:
    """Where one command writes; `as_json` is its --json."""

    def __init__(self, *, as_json: bool, stdout: TextIO, stderr: TextIO) -> None:
        self.as_json = as_json
        self._stdout = stdout
        self._stderr = stderr

    @property
    def is_terminal(self) -> bool:
        """Whether results are looked at as they come, and not read from a pipe or a file."""
        return self._stdout.isatty() and not self.as_json

    def result(self, value: object, view: View) -> None:
        """Write the value as JSON, or else its view for people."""
        if self.as_json:
            self._stdout.write(to_json(value) + "\n")
            return
        for part in view:
            self._part(part)

    def lines(self, told: Iterable[str]) -> None:
        """Write lines as they come; with --json, one list at the end."""
        if self.as_json:
            self.result(list(told), [])
            return
        for line in told:
            self._stdout.write(f"{line}\n")
            self._stdout.flush()

    def frames(self, told: Iterable[tuple[str, View]]) -> None:
        """Draw each view over the last; without a terminal, write its headline where it changed."""
        if not self.is_terminal:
            last = None
            for headline, _ in told:
                if headline != last and not self.as_json:
                    self.lines([headline])
                last = headline
            return
        from rich.console import Console, Group
        from rich.live import Live

        with Live(console=Console(file=self._stdout), auto_refresh=False) as live:
            for _, view in told:
                live.update(Group(*map(_drawn, view)), refresh=True)

    def note(self, text: str) -> None:
        """Say something that is no result; the work goes on also when nobody listens any more."""
        with suppress(BrokenPipeError):
            self._stderr.write(f"{text}\n")

    @contextmanager
    def working(self, what: str) -> Iterator[Callable[[str], None]]:
        """
        Say what takes a while: a spinner on a terminal, one line otherwise.

        What it yields takes the steps on the way, and shows each beside the spinner or as a line.
        """
        if not self._stderr.isatty():
            self.note(f"{what} …")
            yield self.note
            return
        from rich.console import Console

        with Console(file=self._stderr).status(what) as status:
            yield lambda step: status.update(f"{what}: {step}")

    def failed(self, error: WherryError) -> None:
        """Write `error: where: what` and the order that follows; with --json, on stdout too."""
        where = f"{error.where}: " if error.where else ""
        self.note(f"error: {where}{error.what}")
        if error.todo:
            self.note(f"  → {error.todo}")
        if self.as_json:
            told = {"kind": type(error).__name__, "where": error.where, "what": error.what}
            self._stdout.write(to_json({"error": {**told, "todo": error.todo}}) + "\n")

    def _part(self, part: str | Table) -> None:
        if isinstance(part, str):
            self._stdout.write(f"{part}\n")
        elif self._stdout.isatty():
            self._draw(part)
        else:
            self._stdout.writelines(f"{line}\n" for line in part.lines())

    def _draw(self, table: Table) -> None:
        from rich.console import Console

        Console(file=self._stdout).print(_drawn(table))


def _drawn(part: str | Table) -> Any:
    """As rich shows it; never as its markup."""
    from rich import box
    from rich.table import Table as Drawn
    from rich.text import Text

    if isinstance(part, str):
        return Text(part)
    drawn = Drawn(*part.columns, box=box.SIMPLE_HEAD)
    for row in part.rows:
        drawn.add_row(*map(Text, row))
    return drawn


def terminal(*, as_json: bool) -> Output:
    """The output of this process."""
    return Output(as_json=as_json, stdout=sys.stdout, stderr=sys.stderr)


def to_json(value: object) -> str:
    """JSON of dataclasses, mappings and lists, with times in ISO 8601."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False)


def plain(value: Any) -> Any:
    """What JSON is made of, from dataclasses, mappings, lists and times."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if hasattr(value, "model_dump"):  # pydantic's, which is not imported for this
        return value.model_dump(mode="json")
    if hasattr(value, "__struct_fields__"):  # msgspec's, which is not imported for this
        tag = value.__struct_config__  # which of several kinds it is
        told = {tag.tag_field: tag.tag} if tag.tag else {}
        return told | {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else _word(value)


def _word(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
