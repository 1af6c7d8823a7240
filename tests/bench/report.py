"""
What was measured, as rows: a figure, the baseline of the same run, their ratio, and a goal for it.

Whether a goal is met is said beside it, and a gap is shown like everything else.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


@dataclass(frozen=True)
class Row:
    """`goal` bounds `ratio`, from above (`at most`) or from below (`at least`)."""

    what: str
    figure: str
    baseline: str
    ratio: float
    goal: float | None = None
    bound: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.bound == "at most" else self.ratio >= self.goal

    def cells(self) -> tuple[str, ...]:
        """As people read it."""
        goal = "" if self.goal is None else f"{self.bound} {self.goal:g} x"
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return self.what, self.figure, self.baseline, f"{self.ratio:.2f} x", goal, verdict


COLUMNS = ("what", "measured", "against", "ratio", "goal", "verdict")


@dataclass(frozen=True)
class Section:
    """One table; `notes` say how it was measured, and why rows are missing if they are."""

    name: str
    title: str
    notes: str
    rows: Sequence[Row]

    def json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "notes": self.notes,
            "rows": [{**asdict(row), "met": row.met} for row in self.rows],
        }


def shown(seconds: float, unit: str) -> str:
    """Three digits are more than such a measurement holds."""
    return f"{float(f'{seconds * UNITS[unit]:.3g}'):,g} {unit}"


def timed(
    what: str,
    seconds: float,
    than: str,
    baseline: float,
    *,
    unit: str = "µs",
    goal: float | None = None,
) -> Row:
    """A time against a time."""
    against = f"{shown(baseline, unit)} {than}"
    return Row(what, shown(seconds, unit), against, seconds / baseline, goal)


def table(rows: Sequence[Row]) -> list[str]:
    """As Markdown."""
    grid = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in rows)]
    return [f"| {' | '.join(cells)} |" for cells in grid]


def show(section: Section) -> None:
    """On stdout, as soon as it is measured."""
    print(f"\n{section.title}\n{section.notes}\n")
    print("\n".join(table(section.rows)), flush=True)
