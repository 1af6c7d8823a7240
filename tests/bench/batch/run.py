"""
`make bench ARGS=batch`: rows a second of `wherry batch run --here`, beside its alternatives.

    make bench ARGS="batch"             every table; some ten minutes
    make bench ARGS="batch --quick"     of fewer rows
    make bench ARGS="batch --write"     and put them into docs/batch-performance.md
"""

import argparse
from collections.abc import Mapping, Sequence

from tests.bench import page
from tests.bench.batch import measures
from tests.bench.batch.subject import prepared
from tests.bench.report import show
from tests.support.project import ROOT

PAGE = ROOT / "docs" / "batch-performance.md"
TABLES = {"speed": measures.speed, "growth": measures.growth}


def main(words: Sequence[str], machine: Mapping[str, str]) -> None:
    """Measure, print, and, if asked to, write."""
    told = _options(words)
    size = measures.QUICK if told.quick else measures.WHOLE
    sections = []
    with prepared() as subject:
        for name in told.only or TABLES:
            sections.append(TABLES[name](subject, size))
            show(sections[-1])
    if told.write:
        page.write(machine, sections, PAGE)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=batch")
    parser.add_argument("--quick", action="store_true", help="fewer rows")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    parser.add_argument("--only", action="append", choices=TABLES, help="one table; repeatable")
    return parser.parse_args(words)
