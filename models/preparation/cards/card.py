"""
The parts of a CARD.md that other documents quote: what the model does, and where it fails.

A card is a person's text. What is looked for is its first paragraph and the list under "Limits";
where they are not there, nothing is quoted.
"""

import re

MARKS = re.compile(r"\*\*|`|\[([^]]*)\]\([^)]*\)")


def head(card: bytes) -> str:
    """The first paragraph after the title, in one line and without marks."""
    for block in _blocks(card):
        if not block.startswith(("#", "|", "-", "*  ", "```")):
            return _plain(block)
    return ""


def limits(card: bytes) -> list[str]:
    """The points of the list under the heading Limits."""
    text = card.decode(errors="replace")
    part = re.search(r"^#+ *Limits[^\n]*\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    points = re.split(r"^[-*] ", part[1], flags=re.MULTILINE)[1:] if part else []
    return [_plain(re.split(r"\n\s*\n", point)[0]) for point in points]


def _blocks(card: bytes) -> list[str]:
    return [block.strip() for block in re.split(r"\n\s*\n", card.decode(errors="replace"))]


def _plain(text: str) -> str:
    return " ".join(MARKS.sub(lambda mark: mark[1] or "", text).split())
