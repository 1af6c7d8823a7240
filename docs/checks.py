"""
What is wrong with the docs: dead links, blocks that do not parse, things that no page names.

Each check yields findings as `page:line: what`. Nothing here runs a block (tests do) or writes.
"""

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from docs import commands
from docs.blocks import FLAGS, Block, blocks

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
VARIABLE = re.compile(
    r"[\"']((?:AWS|CDK|DOCKER|JSII|NODE|ORT|POWERTOOLS|SSL|WHERRY)_[A-Z0-9_]+)[\"']"
)
VARIABLES_OF = ("cli", "functions", "infra", "layers", "models")
ENVIRONMENT_PAGE = DOCS / "reference" / "environment.md"
PARSERS: Mapping[str, Callable[[str], object]] = {
    "toml": tomllib.loads,
    "json": json.loads,
    "python": ast.parse,
}


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    models = sorted((ROOT / "models").glob("*/CARD.md"))
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), *models]


def findings(told: Iterable[Path]) -> Iterator[str]:
    """All that is wrong with these pages, one by one."""
    for page in told:
        yield from dead_links(page)
        yield from _of_blocks(blocks(page))
        yield from _of_sentences(page)


def dead_links(page: Path) -> Iterator[str]:
    """Relative links to files that are not there."""
    for target in LINK.findall(page.read_text()):
        if not (page.parent / target).exists():
            yield f"{_shown(page)}: links to {target}, which does not exist"


def undocumented(written: Iterable[Path]) -> Iterator[str]:
    """Commands that no page of these shows, and variables that the reference does not name."""
    from cli.reference import commands as all_commands

    text = "\n".join(page.read_text() for page in written)
    for name, _ in all_commands():
        if not re.search(rf"{name}\b", text):
            yield f"docs: no page that a person wrote shows `{name}`"
    reference = ENVIRONMENT_PAGE.read_text()
    named = set(re.findall(r"`([A-Z]+_[A-Z0-9_]+)`", reference))
    for variable in sorted(variables() - named):
        yield f"{_shown(ENVIRONMENT_PAGE)}: {variable} is in the code, but not here"
    for variable in sorted(named - variables()):
        yield f"{_shown(ENVIRONMENT_PAGE)}: {variable} is here, but not in the code"


def variables() -> set[str]:
    """Every environment variable that the code names."""
    files = (file for name in VARIABLES_OF for file in (ROOT / name).rglob("*.py"))
    return {name for file in files for name in VARIABLE.findall(file.read_text())}


def _of_blocks(found: Iterable[Block]) -> Iterator[str]:
    for block in found:
        where = f"{_shown(block.page)}:{block.line}"
        if block.language not in FLAGS or not block.flags <= FLAGS[block.language]:
            told = " ".join([block.language or "no language", *sorted(block.flags)])
            yield f"{where}: a block of {told}, which nothing checks"
        elif block.language in PARSERS:
            try:
                PARSERS[block.language](block.text)
            except (ValueError, SyntaxError) as error:
                yield f"{where}: this is no {block.language}: {error}"
        elif block.language in {"sh", "console"}:
            for words in commands.in_shell(block.text):
                if fault := commands.fault(words):
                    yield f"{where}: wherry {' '.join(words)}: {fault}"


def _of_sentences(page: Path) -> Iterator[str]:
    for words in commands.in_sentences(page.read_text()):
        if fault := commands.loose_fault(words):
            yield f"{_shown(page)}: `wherry {' '.join(words)}`: {fault}"


def _shown(page: Path) -> str:
    return str(page.relative_to(ROOT) if page.is_relative_to(ROOT) else page)
