"""What people see of simulated rollouts: tables in 80 columns, or the same in Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from cli.output import Table, View
from wherry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wherry_control.simulation.measuring import Row
    from wherry_control.simulation.rollouts import Rollouts
    from wherry_control.simulation.whole import Simulated

WIDTH = 78
NONE = "-"
WHOLE = 10  # from here on, without a decimal
START, END = (
    "<!-- simulated: wherry simulate writes what follows -->",
    "<!-- simulated: to here -->",
)


@dataclass(frozen=True)
class Section:
    """A title, a table, and what must be known to read it."""

    title: str
    table: Table
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A page whose tables are written by the command, and its words by a person."""

    file: Path
    before: str
    after: str

    @classmethod
    def read(cls, file: Path) -> "Page":
        """Raise UsageError if it has no place for the tables."""
        try:
            before, rest = file.read_text().split(START)
            _, after = rest.split(END)
        except (OSError, ValueError) as error:
            todo = f"It must hold the lines `{START}` and `{END}`, once."
            raise UsageError(str(file), "it has no place for the tables", todo) from error
        return cls(file, before, after)

    def write(self, told: Iterable[Section]) -> None:
        lines = [line for each in told for line in _lines(each)]
        self.file.write_text("\n".join([self.before + START, "", *lines, END + self.after]))


def simulated(told: "Simulated") -> list[Section]:
    """The goals, then every contender side by side, then ours alone, then whole rollouts."""
    same = [row for row in told.rows if row.kind == "same"]
    worse = [row for row in told.rows if row.kind == "worse"]
    ours = [row for row in told.rows if row.contender == told.rows[0].contender]
    return [
        Section(
            "Goals",
            _goals(told),
            f"{told.runs} runs of each case, seed {told.seed}. {_rule(told)} "
            "Requests: the median. By 1,000: of the candidate's own, in the slowest run.",
        ),
        Section(
            "Harmless candidates: rolled back, % of runs",
            _beside(same, _share),
            "At: the candidate's weight. Rpm: requests a minute.",
        ),
        Section("Bad candidates: rolled back, % of runs", _beside(worse, _share)),
        Section(
            "Bad candidates: requests until then",
            _beside(worse, _requests),
            "Of both releases together; the median, where at least half of the runs were found.",
        ),
        Section(
            "Bad candidates: wherry alone",
            _alone(row for row in ours if row.kind == "worse"),
            "Medians, as above; at last the candidate's requests in the slowest run.",
        ),
        rollouts(told.rollouts, "the default plan"),
    ]


def rollouts(told: "Sequence[Rollouts]", plan: str) -> Section:
    """How whole rollouts end."""
    rows = [
        (
            each.scenario,
            f"{each.per_minute:,}",
            _percent(each.promoted, each.runs),
            _number(each.minutes_to_promotion),
            _percent(each.rolled_back, each.runs),
            _number(each.minutes_to_rollback),
            _number(each.candidate),
        )
        for each in told
    ]
    heads = ("candidate", "rpm", "promoted", "min", "rolled back", "min", "its own")
    note = (
        f"{told[0].runs} rollouts a line: % of them, and the median minutes of those. Its own: how "
        "many requests the candidate had until the end, the median of all."
    )
    return Section(f"Whole rollouts: {plan}", Table(heads, rows), note)


def timelines(told: "Sequence[Rollouts]") -> View:
    """The first rollout of each candidate, as its ledger would have it."""
    return [line for each in told for line in _timeline(each)]


def as_view(sections: Iterable[Section]) -> View:
    return [part for each in sections for part in _part(each)]


def _timeline(told: "Rollouts") -> Iterator[str]:
    yield f"One rollout, candidate: {told.scenario}"
    for turn in told.first.turns:
        head = f"{turn.minutes:6,.0f} m  "
        text = f"{turn.action}: {turn.reason}. Then {turn.after}"
        yield from wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
    yield ""


def _goals(told: "Simulated") -> Table:
    rows = [("met" if goal.met else "missed", goal.name, goal.measured) for goal in told.goals]
    return Table(("", "goal", "measured"), rows)


def _rule(told: "Simulated") -> str:
    """When a share that is meant to be at most 1 % is missed: nobody's runs are endless."""
    from wherry_control.simulation.goals import DOUBT, FALSE_ROLLBACKS, passes_up_to

    runs = told.runs * len({row.per_minute for row in told.rows})
    return (
        "Rolled back: at the worst weight, its traffics together; beside it the worst single cell. "
        f"That is missed where {FALSE_ROLLBACKS:.0%} would make so many in {DOUBT:.0%} of all "
        f"repetitions or fewer: up to {passes_up_to(runs):.1%} of {runs:,} runs are met. "
        "The same rule is for who is just beyond the distance, cell by cell."
    )


def _beside(rows: "Sequence[Row]", cell: "Callable[[Row], str]") -> Table:
    names = list(dict.fromkeys(row.contender for row in rows))
    lines: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        lines.setdefault(_place(row), []).append(cell(row))
    body = [(*place, *told) for place, told in lines.items()]
    return Table(("candidate", "at", "rpm", *names), body)


def _alone(rows: "Iterable[Row]") -> Table:
    body = [
        (
            *_place(row),
            _percent(row.rolled_back, row.runs),
            _number(row.requests),
            _number(row.candidate),
            _number(row.minutes),
            _number(row.most_candidate),
        )
        for row in rows
    ]
    heads = ("candidate", "at", "rpm", "found", "requests", "its own", "min", "most")
    return Table(heads, body)


def _place(row: "Row") -> tuple[str, str, str]:
    return row.scenario, f"{row.weight} %", f"{row.per_minute:,}"


def _share(row: "Row") -> str:
    return _percent(row.rolled_back, row.runs)


def _requests(row: "Row") -> str:
    return _number(row.requests)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}".removesuffix(".0")


def _number(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:,.0f}" if value >= WHOLE else f"{value:.1f}".removesuffix(".0")


def _part(section: Section) -> Iterator[str | Table]:
    yield section.title
    yield from wrap(section.note, WIDTH)
    yield section.table
    yield ""


def _lines(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "")
    if section.note:
        yield from (section.note, "")
    yield "| " + " | ".join(section.table.columns) + " |"
    yield "| " + " | ".join("---" for _ in section.table.columns) + " |"
    yield from ("| " + " | ".join(row) + " |" for row in section.table.rows)
    yield ""
