"""Reports' drawings and pages: they stand alone, and show what they are given."""

import re
from xml.etree import ElementTree as ET

import pytest

from models.preparation.drawing.page import page, paragraph, table
from models.preparation.drawing.place import Box, place, width_of
from models.preparation.drawing.scale import Axis, scale_of, short
from models.preparation.drawing.svg import Bar, Point, histogram, scatter

HOSTILE = '<script>alert("x")</script>'


def test_whatever_is_given_is_text() -> None:
    """No title, cell, label or bar becomes markup."""
    told = page(
        HOSTILE,
        [
            paragraph(HOSTILE),
            table([HOSTILE], [[HOSTILE]], caption=HOSTILE),
            histogram([Bar(HOSTILE, 1)], title=HOSTILE, x_title=HOSTILE),
            scatter([Point(1, 1, HOSTILE)], title=HOSTILE, x=Axis(title="x"), y=Axis(title="y")),
        ],
    ).decode()

    assert "<script" not in told
    assert told.count("&lt;script") > 8


def test_a_page_fetches_nothing_and_says_so_to_the_browser() -> None:
    """No address is in it, and its policy allows none."""
    told = page("A page", [histogram([Bar("0", 3)], title="h", x_title="x")]).decode()

    assert not re.search(r"https?:|//|src=|href=|@import|url\(", told)
    assert "default-src 'none'" in told.replace("&#x27;", "'")
    assert "prefers-color-scheme: dark" in told


def test_bars_are_as_high_as_their_counts() -> None:
    """Twice the count, twice the height; a bar over the limit is of another class."""
    drawn = ET.fromstring(histogram([Bar("a", 2), Bar("b", 4, over=True)], title="t", x_title="x"))  # noqa: S314 - our own

    low, high = drawn.findall("rect")

    assert float(high.attrib["height"]) == pytest.approx(2 * float(low.attrib["height"]), abs=0.2)
    assert high.attrib["class"] == "bar over"


def test_equal_factors_are_equal_ways_on_a_log_axis() -> None:
    """From 1 to 10 is as far as from 10 to 100."""
    scale = scale_of([1, 100], Axis(title="x", log=True), 0, 300)

    assert scale.at(10) - scale.at(1) == pytest.approx(scale.at(100) - scale.at(10))
    assert {1, 10, 100} <= set(scale.ticks())


@pytest.mark.parametrize(("value", "told"), [
    (0, "0"), (1e-7, "1e-7"), (1.39e-7, "1.39e-7"), (0.25, "0.25"), (12345, "12,345"), (2e6, "2e6"),
])  # fmt: skip
def test_numbers_are_short(value: float, told: str) -> None:
    """As people write them."""
    assert short(value) == told


def test_no_points_and_equal_points_are_drawn_too() -> None:
    """An empty report is no crash."""
    one = Point(5, 5, "a")
    for points in ([], [one], [one, Point(5, 5, "b")]):
        for log in (False, True):
            axis = Axis(title="x", log=log)
            assert scatter(points, title="t", x=axis, y=axis).count("<circle") == len(points)


def test_labels_cover_neither_each_other_nor_a_point() -> None:
    """Where there is room, each stands free, within the drawing."""
    whole = Box(0, 0, 500, 300)
    spots = [(100.0, 100.0), (104.0, 103.0), (112.0, 100.0), (490.0, 150.0)]
    labels = ["first", "second", "third", "at the edge"]

    boxes = []
    for (x, y, anchor), label in zip(place(spots, labels, 8, whole), labels, strict=True):
        wide = width_of(label)
        left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
        boxes.append(Box(left, y - 10, left + wide, y + 3))

    assert all(whole.holds(box) for box in boxes)
    assert not any(a.covers(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
