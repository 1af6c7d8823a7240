"""
`make bench`: speed and size beside their alternatives, in one run of one machine.

Machines are shared and differ, so what counts is the ratio. `docs/performance.md` is written from
the last run that measured everything; `--only` measures some of it, and writes no page.

    make bench                              every table
    make bench ARGS="--only warm,cold"      some of them
    make bench ARGS="--json"                as JSON, or `--json FILE`
    make bench ARGS="batch --quick"         batch prediction, which has a page of its own
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import batching, cold, options, page, server, sizes, tensors, warm
from tests.bench.report import Section, show
from tests.bench.subject import Subject, prepared

SECTIONS: Mapping[str, Callable[[Subject], Section]] = {
    "warm": warm.section,
    "tensors": tensors.section,
    "cold": cold.section,
    "server": server.section,
    "batching": batching.section,
    "options": options.section,
    "sizes": sizes.section,
}


def main(words: Sequence[str]) -> None:
    """Measure, print, and keep."""
    if words[:1] == ["batch"]:
        from tests.bench.batch import run as batch

        batch.main(words[1:], machine())
        return
    told = _options(words)
    names = told.only.split(",") if told.only else list(SECTIONS)
    if unknown := [name for name in names if name not in SECTIONS]:
        raise SystemExit(f"no table {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    sections = []
    with prepared() as subject:
        for name in names:
            sections.append(SECTIONS[name](subject))
            if told.json is None:
                show(sections[-1])
    document = {"machine": machine(), "sections": [section.json() for section in sections]}
    if told.json is not None:
        _write(told.json, json.dumps(document, indent=2))
    if not told.only:
        page.write(machine(), sections)


def machine() -> dict[str, str]:
    """What the figures are of, and when."""
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "cpus": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure, side by side.")
    parser.add_argument("--only", metavar="TABLES", help=f"some of {','.join(SECTIONS)}")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="to FILE, or stdout")
    return parser.parse_args(words)


def _write(file: str, text: str) -> None:
    if file == "-":
        print(text)
    else:
        Path(file).write_text(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
