"""docs/performance.md: the words are a person's, the tables are the last whole run's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.report import Section, table
from tests.support.project import ROOT

PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- measured: make bench writes what follows -->", "<!-- measured: to here -->"


def write(machine: Mapping[str, str], sections: Sequence[Section], page: Path = PAGE) -> None:
    """Put the tables between the two marks."""
    before, rest = page.read_text().split(START)
    after = rest.split(END)[1]
    page.write_text(f"{before}{START}\n\n{_tables(machine, sections)}\n{END}{after}")


def _tables(machine: Mapping[str, str], sections: Sequence[Section]) -> str:
    where = "{when}: {cpus} CPUs, {system}, Python {python}".format_map(machine)
    lines = [f"Measured on {where}.", ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.notes, "", *table(section.rows), ""]
    return "\n".join(lines)
