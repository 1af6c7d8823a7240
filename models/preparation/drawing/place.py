"""Labels beside points: the first of eight places where one covers neither a label nor a point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LETTER, LINE = 6.4, 13  # units that a letter and a line of 12 units take
Spot = tuple[float, float]
Placed = tuple[float, float, str]  # x, y of the base line, and which end of the text is there


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: "Box") -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


def width_of(text: str) -> float:
    return len(text) * LETTER


def place(spots: Sequence[Spot], labels: Sequence[str], away: float, whole: Box) -> list[Placed]:
    """Where each label stands; one that fits nowhere stands where it is within `whole`."""
    taken = [Box(x - away, y - away, x + away, y + away) for x, y in spots]
    placed = []
    for number, ((x, y), label) in enumerate(zip(spots, labels, strict=True)):
        others = taken[:number] + taken[number + 1 :]
        tries = list(_tries(x, y, label, away))
        inside = [each for each in tries if whole.holds(each[1])] or tries
        free = [each for each in inside if not any(each[1].covers(box) for box in others)]
        chosen, box = (free or inside)[0]
        taken.append(box)
        placed.append(chosen)
    return placed


def _tries(x: float, y: float, label: str, away: float) -> Iterator[tuple[Placed, Box]]:
    wide = width_of(label)
    for up in (4.0, -away - 3, away + LINE - 3):  # beside, above, below
        for anchor, from_x in (("start", x + away), ("end", x - away - wide)):
            at = from_x if anchor == "start" else x - away
            yield (at, y + up, anchor), Box(from_x, y + up - LINE + 3, from_x + wide, y + up + 3)
        if up != 4.0:  # noqa: PLR2004 - in the middle it would cover its own point
            left = x - wide / 2
            yield (x, y + up, "middle"), Box(left, y + up - LINE + 3, left + wide, y + up + 3)
