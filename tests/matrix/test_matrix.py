"""
Every estimator is proven or refused, never silently wrong; and the outcome is the recorded one.

`UPDATE_MATRIX=1` writes outcomes.json anew; `make fmt` then makes the page of it. Read the diff.
"""

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.matrix.case import Case
from tests.matrix.cells import row_of
from tests.matrix.classifiers import CLASSIFIERS
from tests.matrix.data import data_of
from tests.matrix.independent import silent
from tests.matrix.others import PIPELINES, TRANSFORMERS, UNLABELLED
from tests.matrix.regressors import REGRESSORS

OUTCOMES = Path(__file__).with_name("outcomes.json")
TABLES = {
    "Classifiers": CLASSIFIERS,
    "Regressions": REGRESSORS,
    "Transformers": TRANSFORMERS,
    "Outliers and clusters": UNLABELLED,
    "Pipelines": PIPELINES,
}
ALL = [(table, each) for table, cases in TABLES.items() for each in cases]
UPDATE = os.environ.get("UPDATE_MATRIX") == "1"
Recorded = dict[str, dict[str, dict[str, str]]]
SEEN: Recorded = {}


@pytest.fixture(scope="module", autouse=True)
def recorded() -> Iterator[Recorded]:
    told = json.loads(OUTCOMES.read_text()) if OUTCOMES.is_file() else {}
    yield told
    if UPDATE:  # also of some rows alone (-k); what is tried no more is left out
        kept = {
            table: {
                each.name: SEEN.get(table, {}).get(each.name) or told[table][each.name]
                for each in cases
                if each.name in {**told.get(table, {}), **SEEN.get(table, {})}
            }
            for table, cases in TABLES.items()
        }
        OUTCOMES.write_text(json.dumps(kept, indent=1) + "\n")


@pytest.mark.parametrize(("table", "each"), ALL, ids=[each.name for _, each in ALL])
def test_an_estimator_is_proven_or_refused_and_never_silently_wrong(
    table: str, each: Case, recorded: Recorded
) -> None:
    """Rows that the certificate never saw are answered as it promised, and the table is true."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's, of models that are small on purpose
        row = row_of(each)
        wrong = silent(row, data_of(each.data), each.estimator) if row.passes else ""

    assert not wrong, f"it passes, and yet answers wrongly: {wrong}"
    told = {"data": each.data, **row.cells}
    SEEN.setdefault(table, {})[each.name] = told
    if not UPDATE:
        assert told == recorded.get(table, {}).get(each.name)


def test_every_recorded_row_is_tried(recorded: Recorded) -> None:
    """The table holds no estimator that is tried no more, and more than sixty."""
    names = [each.name for _, each in ALL]

    assert len(set(names)) == len(names) > 60
    assert UPDATE or {name for rows in recorded.values() for name in rows} == set(names)
