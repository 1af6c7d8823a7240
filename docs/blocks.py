"""
The fenced blocks of a page, and what their info strings promise.

`sh` is run, as one session a page; `sh local-aws` too, where there is a local AWS, and `sh broker`
where there is a RabbitMQ; `sh no-run` is parsed only. `text` below a block that is run is its
output, where `…` stands for anything. `toml`, `json` and `python` must parse; `console` is what the
generated reference shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

FENCE = "```"
FLAGS: dict[str, frozenset[str]] = {
    "sh": frozenset({"broker", "local-aws", "no-run"}),
    **dict.fromkeys(("text", "toml", "json", "python", "console"), frozenset()),
}


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is where its fence opens."""

    page: Path
    line: int
    language: str
    flags: frozenset[str]
    text: str

    @property
    def runs(self) -> bool:
        return self.language == "sh" and "no-run" not in self.flags


def blocks(page: Path) -> list[Block]:
    """The page's blocks, from top to bottom."""
    return list(_blocks(page))


def needs_local_aws(found: list[Block]) -> bool:
    """Whether the page's session needs a local AWS: then all of it is run there."""
    return any("local-aws" in block.flags for block in found)


def needs_broker(found: list[Block]) -> bool:
    """Whether the page's session needs a RabbitMQ: then all of it is run there."""
    return any("broker" in block.flags for block in found)


def outputs(found: list[Block]) -> list[str]:
    """The lines that the page shows as output of its session, in order."""
    lines = []
    for before, block in pairwise(found):
        if block.language == "text" and before.runs:
            lines += [line for line in block.text.splitlines() if line.strip(" …")]
    return lines


def _blocks(page: Path) -> Iterator[Block]:
    lines = iter(enumerate(page.read_text().splitlines(), 1))
    for number, line in lines:
        if not line.startswith(FENCE):
            continue
        language, *flags = line.removeprefix(FENCE).split() or [""]
        inside = []
        for _, inner in lines:
            if inner.startswith(FENCE):
                break
            inside.append(inner)
        yield Block(page, number, language, frozenset(flags), "\n".join(inside) + "\n")
