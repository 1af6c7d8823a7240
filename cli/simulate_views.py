"""What people see of simulated rollouts: tables in 80 columns, or the same in Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from cli.output import Table, View

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


def sections(told: "Simulated", plan: str) -> list[Section]:
    """All that was simulated; `plan` says whose the whole rollouts are."""
    found = _measured(told) if told.rows else []
    return [*found, *([_rollouts(told.rollouts, plan)] if told.rollouts else [])]


def _measured(told: "Simulated") -> list[Section]:
    """The goals, then every contender side by side, then ours alone."""
    same = [row for row in told.rows if row.kind == "same"]
    worse = [row for row in told.rows if row.kind == "worse"]
    ours = [row for row in told.rows if row.contender == told.rows[0].contender]
    return [
        Section(
            "Goals",
            _goals(told),
            f"{told.runs} runs of each case, seed {told.seed}. Rolled back: of all runs at the "
            "worst weight. Within: median. All by: the candidate's requests in the slowest run.",
        ),
        Section("Harmless candidates: rolled back, % of runs", _beside(same, _share)),
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
    ]


def _rollouts(told: "Sequence[Rollouts]", plan: str) -> Section:
    """How whole rollouts end."""
    rows = [
        (
            each.scenario,
            f"{each.per_minute:,}",
            _percent(each.promoted, each.runs),
            _number(each.minutes_to_promotion),
            _percent(each.rolled_back, each.runs),
            _number(each.minutes_to_rollback),
            f"{_number(each.failed)}, {_number(each.slow)}",
        )
        for each in told
    ]
    heads = (
        "candidate",
        "req/min",
        "promoted",
        "after min",
        "rolled back",
        "after min",
        "seen bad",
    )
    note = (
        f"{told[0].runs} rollouts a line; % of them, and medians. Seen bad: how many of the "
        "candidate's requests failed, or were slow, until the end."
    )
    return Section(f"Whole rollouts: {plan}", Table(heads, rows), note)


def timelines(told: "Sequence[Rollouts]") -> View:
    """The first rollout of each candidate, as its ledger would have it."""
    return [line for each in told for line in _timeline(each)]


def as_view(sections: Iterable[Section]) -> View:
    return [part for each in sections for part in _part(each)]


def as_markdown(sections: Iterable[Section]) -> str:
    return "\n".join(line for each in sections for line in _lines(each))


def page(text: str, sections: Iterable[Section]) -> str:
    """The page with these tables between its two marks; ValueError if it has none."""
    before, rest = text.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n\n{as_markdown(sections)}\n{END}{after}"


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


def _beside(rows: "Sequence[Row]", cell: "Callable[[Row], str]") -> Table:
    names = list(dict.fromkeys(row.contender for row in rows))
    lines: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        lines.setdefault(_place(row), []).append(cell(row))
    body = [(*place, *told) for place, told in lines.items()]
    return Table(("candidate", "weight", "req/min", *names), body)


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
    heads = ("candidate", "weight", "req/min", "found", "requests", "its own", "minutes", "most")
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
