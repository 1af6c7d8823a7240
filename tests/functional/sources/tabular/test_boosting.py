"""Models of XGBoost, LightGBM and CatBoost, each opened in a child of its own environment."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.preparation.sources.environments import Group
from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from tests.support.boosting import ALONE, CASES, CATEGORIES, PIPELINES, rows_of
from tests.support.rows import Rows, on_thresholds, with_holes, wrong_rows
from tests.support.sources import run_in
from wherry.errors import ConfigurationError

FILES = [(group, file) for group, files in CASES.items() for file in (*files, *PIPELINES, ALONE)]
GROUPS: list[Group] = ["xgboost", "lightgbm", "catboost"]
Folder = Callable[[Group], Path]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The folder of a library's files; each library trains once."""
    folders: dict[str, Path] = {}

    def folder(group: Group) -> Path:
        if group not in folders:
            folders[group] = tmp_path_factory.mktemp(group)
            run_in(group, "tests.support.boosting", group, str(folders[group]))
        return folders[group]

    return folder


@pytest.mark.parametrize(("group", "file"), FILES)
def test_every_row_goes_the_way_the_library_sends_it(
    trained: Folder, group: Group, file: str
) -> None:
    """On real rows, on each threshold and one step beside it, with NaN, zeros and infinities."""
    with opened_file(trained(group) / file) as source:
        model = source.convert()
        table = rows_of(file)
        rows = (
            table
            if "pipeline" in file
            else np.concatenate([table, _odd(group, table), on_thresholds(model, table)])
        )

        assert wrong_rows(source, {"features": rows}, model) == 0
        assert source.convert() == model
        assert source.facts.family == "trees"
        assert source.facts.task == ("regression" if "counts" in file else "classification")
        assert any(group in name for name in source.facts.libraries)


def _odd(group: Group, table: Rows) -> Rows:
    """Rows of one odd number, and real rows with holes; XGBoost itself refuses the infinite."""
    numbers = [0.0, 1e-36, -1e-36, np.nan] + ([] if group == "xgboost" else [np.inf, -np.inf])
    rows = np.repeat(np.array(numbers, np.float32)[:, None], table.shape[1], axis=1)
    return np.concatenate([rows, with_holes(table)])


@pytest.mark.parametrize("group", GROUPS)
def test_an_empty_batch_and_a_single_row_have_the_shapes_that_are_told(
    trained: Folder, group: Group
) -> None:
    """Batch 0, 1 and n."""
    file = CASES[group][1]
    with opened_file(trained(group) / file) as source:
        for rows in (rows_of(file)[:0], rows_of(file)[:1]):
            assert wrong_rows(source, {"features": rows}) == 0


@pytest.mark.parametrize("group", GROUPS)
def test_labels_that_a_file_does_not_know_are_declared(trained: Folder, group: Group) -> None:
    """And the label of a row is one of them."""
    file = CASES[group][1]
    labels = ("setosa", "versicolor", "virginica")
    with opened_file(trained(group) / file, options=Options(labels=labels)) as source:
        assert source.facts.labels == list(labels)
        assert set(source.answer({"features": rows_of(file)})["label"]) == set(labels)
        assert wrong_rows(source, {"features": rows_of(file)}) == 0


@pytest.mark.parametrize("group", GROUPS)
def test_labels_are_counted(trained: Folder, group: Group) -> None:
    """Two names for three classes are refused."""
    file = trained(group) / CASES[group][1]
    with (
        pytest.raises(ConfigurationError, match="labels"),
        opened_file(file, options=Options(labels=("a", "b"))),
    ):
        pass


@pytest.mark.parametrize("group", GROUPS)
def test_splits_on_categories_are_refused_with_what_to_do(trained: Folder, group: Group) -> None:
    """No library's categories are held by ONNX's trees as the library has them."""
    with (
        pytest.raises(ConfigurationError, match=r"categor.*OneHotEncoder"),
        opened_file(trained(group) / CATEGORIES[group]) as source,
    ):
        source.convert()


def test_lightgbm_rounds_thresholds_down() -> None:
    """The usual converter sends rows on its thresholds the wrong way; ours none."""
    told = json.loads(run_in("lightgbm", "tests.support.rounding"))

    assert told["rows"] > 3000
    assert told["before"] > 10
    assert told["after"] == 0
