"""
Drawings of reports: a bar histogram and a scatter with labels, as SVG inside a page.

They take their colours from the page (drawing/page.py) and so follow light and dark; each has a
title that a screen reader reads. They draw what they are given and compute no statistics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from models.preparation.drawing.place import Box, place, width_of
from models.preparation.drawing.scale import Axis, Scale, scale_of, short

WIDTH, HEIGHT = 520, 300  # units of a drawing; the page makes it as wide as there is room
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 52
RADIUS = 5

Mark = Literal["plain", "chosen", "dropped"]


@dataclass(frozen=True)
class Bar:
    """`label` stands below, `count` above; a bar that is `over` a limit is drawn in its colour."""

    label: str
    count: int
    over: bool = False


@dataclass(frozen=True)
class Point:
    """One of a scatter: `chosen` is filled and ringed, `dropped` is hollow."""

    x: float
    y: float
    label: str
    mark: Mark = "plain"


def histogram(bars: Sequence[Bar], *, title: str, x_title: str, y_title: str = "rows") -> str:
    """Bars side by side, from 0; of no bars, empty axes."""
    tall = scale_of([0, *(bar.count for bar in bars)], Axis(title=y_title), HEIGHT - BOTTOM, TOP)
    each = (WIDTH - LEFT - RIGHT) / max(len(bars), 1)
    drawn = [_rows(tall)]
    for number, bar in enumerate(bars):
        left, top = LEFT + number * each, tall.at(bar.count)
        middle, kind = left + each / 2, "bar over" if bar.over else "bar"
        drawn.append(
            f'<rect class="{kind}" x="{left + 2:.1f}" y="{top:.1f}" '
            f'width="{each - 4:.1f}" height="{HEIGHT - BOTTOM - top:.1f}"/>'
        )
        if bar.count:
            drawn.append(_text(middle, top - 4, f"{bar.count:,}", "middle"))
        drawn.append(_text(middle, HEIGHT - BOTTOM + 16, bar.label, "middle"))
    return _svg(title, [*drawn, _titles(x_title, y_title)])


def scatter(points: Sequence[Point], *, title: str, x: Axis, y: Axis) -> str:
    """Points with their labels beside them, placed so that none covers another where it can be."""
    across = scale_of([point.x for point in points], x, LEFT, WIDTH - RIGHT)
    tall = scale_of([point.y for point in points], y, HEIGHT - BOTTOM, TOP)
    spots = [(across.at(point.x), tall.at(point.y)) for point in points]
    whole = Box(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)
    labels = place(spots, [point.label for point in points], RADIUS + 3, whole)
    drawn = [_rows(tall), _columns(across)]
    for point, (left, top), (beside, above, anchor) in zip(points, spots, labels, strict=True):
        if point.mark == "chosen":
            drawn.append(f'<circle class="ring" cx="{left:.1f}" cy="{top:.1f}" r="{RADIUS + 4}"/>')
        drawn.append(
            f'<circle class="point {point.mark}" cx="{left:.1f}" cy="{top:.1f}" r="{RADIUS}">'
            f"<title>{_told(point)}</title></circle>"
        )
        drawn.append(_text(beside, above, point.label, anchor, point.mark))
    return _svg(title, [*drawn, _titles(x.title, y.title)])


def _told(point: Point) -> str:
    return escape(f"{point.label}: {short(point.x)}, {short(point.y)}")


def _svg(title: str, drawn: Sequence[str]) -> str:
    name = escape(title)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{''.join(drawn)}</svg>"
    )


def _rows(scale: Scale) -> str:
    lines = [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{scale.at(tick):.1f}" '
        f'y2="{scale.at(tick):.1f}"/>{_text(LEFT - 6, scale.at(tick) + 4, short(tick), "end")}'
        for tick in scale.ticks()
    ]
    return "".join(lines)


def _columns(scale: Scale) -> str:
    drawn, free = [], 0.0
    for tick in scale.ticks():
        at, half = scale.at(tick), width_of(short(tick)) / 2
        drawn.append(
            f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        )
        if at - half >= free:  # else it would cover the one before
            drawn.append(_text(at, HEIGHT - BOTTOM + 16, short(tick), "middle"))
            free = at + half + 6
    return "".join(drawn)


def _titles(x: str, y: str) -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    below = _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, "middle", "axis")
    return below + (
        f'<text class="axis" text-anchor="middle" transform="translate(14 {middle}) rotate(-90)">'
        f"{escape(y)}</text>"
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
