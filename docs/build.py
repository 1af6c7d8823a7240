"""
Keeps the docs true: writes the generated reference pages, or, with --check, says what is wrong.

Wrong is a page that is stale, a link to nowhere, a block that does not parse, a command line that
the command would refuse, and a command, key or variable that no page names. With --check it writes
nothing; it runs no block and fetches nothing.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from cli import reference
from docs.checks import DOCS, ROOT, findings, pages, undocumented
from docs.generate import costs, errors, matrix, model_toml


def generated() -> dict[Path, str]:
    """Page by page, what the code says now."""
    folder = DOCS / "reference"
    return {
        folder / "cli.md": reference.render(),
        folder / "conversion-matrix.md": matrix.render(),
        folder / "costs.md": costs.render(),
        folder / "errors.md": errors.render(),
        folder / "model-toml.md": model_toml.render(),
    }


def stale_pages() -> Iterator[str]:
    """Pages that differ from what the code says now."""
    for page, text in generated().items():
        if not page.is_file() or page.read_text() != text:
            yield f"{page.relative_to(ROOT)}: stale. Run `make fmt`"


def all_findings() -> list[str]:
    """Everything that is wrong now."""
    written = [page for page in pages() if page not in generated()]
    return [*stale_pages(), *findings(pages()), *undocumented(written)]


def main() -> int:
    """Write or check; the number of findings decides the exit code."""
    if "--check" in sys.argv[1:]:
        found = all_findings()
        for finding in found:
            print(finding, file=sys.stderr)
        return 1 if found else 0
    for page, text in generated().items():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
