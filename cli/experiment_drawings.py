"""
The drawings of an experiment's page, as SVG: intervals beside each other, and one through the days.

They take their colours from the page (models/preparation/drawing/page.py), so that they follow
light and dark; each has a title that a screen reader reads. They compute no statistics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Literal

from models.preparation.drawing.place import LETTER
from models.preparation.drawing.scale import Axis, Scale, scale_of, short

WIDTH, TOP, RIGHT, BOTTOM = 560, 14, 24, 50  # units; the page makes it as wide as there is room
ROW, DAYS_TALL = 44, 260
LEFT, LONGEST = 56, 24  # units beside the days; characters of a name beside an interval

Look = Literal["main", "good", "bad"]


@dataclass(frozen=True)
class Bounded:
    """A value with its bounds; `look` is the page's colour that says what it means."""

    name: str
    value: float
    low: float
    high: float
    look: Look = "main"


def intervals(rows: Sequence[Bounded], *, title: str, axis: str) -> str:
    """One row each, on one scale, which has 0 on it."""
    left = 20 + min(max(len(row.name) for row in rows), LONGEST) * LETTER
    bottom = TOP + ROW * len(rows)
    ends = [0.0, *(end for row in rows for end in (row.low, row.high))]
    across = scale_of(ends, Axis(title=axis), left, WIDTH - RIGHT)
    drawn = [_down(across, tick, bottom) for tick in across.ticks()]
    for number, row in enumerate(rows):
        drawn.append(_row(row, across, TOP + ROW * (number + 0.5), left))
    drawn.append(_text((left + WIDTH - RIGHT) / 2, bottom + 38, axis, "middle", "axis"))
    return _svg(title, bottom + BOTTOM, drawn)


def through_days(days: Sequence[tuple[date, Bounded]], *, title: str, axis: str) -> str:
    """The bounds as a band around the value, from the first day to the last (two or more)."""
    bottom = DAYS_TALL - BOTTOM
    ends = [0.0, *(end for _, each in days for end in (each.low, each.high))]
    tall = scale_of(ends, Axis(title=axis), bottom, TOP)
    first, last = days[0][0].toordinal(), days[-1][0].toordinal()
    across = Scale(first, last, LEFT, WIDTH - RIGHT, log=False)
    at = [(across.at(day.toordinal()), each) for day, each in days]
    band = [(x, tall.at(each.high)) for x, each in at]
    band += [(x, tall.at(each.low)) for x, each in reversed(at)]
    line = [(x, tall.at(each.value)) for x, each in at]
    colour = f"var(--{days[-1][1].look})"
    stroke = f'fill="none" stroke-width="2" style="stroke:{colour}"'
    return _svg(
        title,
        DAYS_TALL,
        [
            *(_across(tall, tick) for tick in tall.ticks()),
            f'<polygon points="{_points(band)}" opacity=".22" style="fill:{colour}"/>',
            f'<polyline points="{_points(line)}" {stroke}/>',
            *_dates(days, across, bottom),
            _text((LEFT + WIDTH - RIGHT) / 2, DAYS_TALL - 10, axis, "middle", "axis"),
        ],
    )


def _row(row: Bounded, across: Scale, y: float, left: float) -> str:
    low, value, high = (across.at(each) for each in (row.low, row.value, row.high))
    ends = "".join(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 6:.1f}" y2="{y + 6:.1f}"/>' for x in (low, high)
    )
    told = escape(f"{row.name}: {short(row.value)}, {short(row.low)} to {short(row.high)}")
    name = row.name if len(row.name) <= LONGEST else f"{row.name[: LONGEST - 1]}…"
    return (
        f'{_text(left - 12, y + 4, name, "end")}<g stroke-width="2.5" '
        f'style="stroke:var(--{row.look})"><title>{told}</title>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>{ends}'
        f'<circle cx="{value:.1f}" cy="{y:.1f}" r="5" style="fill:var(--{row.look})"/></g>'
    )


def _down(across: Scale, tick: float, bottom: float) -> str:
    x = across.at(tick)
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"{_grid(tick)}/>'
    return line + _text(x, bottom + 17, short(tick), "middle")


def _across(tall: Scale, tick: float) -> str:
    y = tall.at(tick)
    line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"{_grid(tick)}/>'
    return line + _text(LEFT - 8, y + 4, short(tick), "end")


def _grid(tick: float) -> str:
    """0 stands out: there, nothing differs."""
    zero = ' stroke-width="1.5" style="stroke:var(--ink)"'
    return ' class="grid"' if tick else zero


def _dates(days: Sequence[tuple[date, Bounded]], across: Scale, bottom: float) -> list[str]:
    """The first day, the last, and those between that have room."""
    every = max(1, -(-len(days) // 6))
    chosen = [day for day, _ in days[::-every]]
    return [
        _text(across.at(day.toordinal()), bottom + 17, f"{day:%b} {day.day}", "middle")
        for day in chosen
    ]


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _svg(title: str, tall: float, drawn: Sequence[str]) -> str:
    name = escape(title)
    return (
        f'<svg viewBox="0 0 {WIDTH} {tall}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{''.join(drawn)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
