"""What is refused is not a model of everyday: fitted estimators pass, and answer as they did."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io

from models.preparation.sandbox import Child
from models.preparation.sources.environments import python_of
from models.preparation.untrusted.pickles import scan
from tests.support.good_models import GOOD, fitted, rows_of
from wherry.errors import ToolError

FORMS: dict[str, Callable[[Any, Path], object]] = {
    "model.pkl": lambda model, file: file.write_bytes(pickle.dumps(model)),
    "model.2.pkl": lambda model, file: file.write_bytes(pickle.dumps(model, protocol=2)),
    "model.joblib": joblib.dump,
    "model.z.joblib": lambda model, file: joblib.dump(model, file, compress=("xz", 1)),
    "model.skops": skops.io.dump,
}


@pytest.mark.parametrize("name", GOOD)
def test_a_fitted_estimator_answers_as_it_did(name: str, opener: Child) -> None:
    """As pickle of two protocols, joblib bare and packed, and skops: scanned, opened, asked."""
    model, rows = fitted(name), rows_of(name)
    asked = opener.folder / ("rows.csv" if hasattr(rows, "to_csv") else "rows.npy")
    if asked.suffix == ".csv":
        rows.to_csv(asked, index=False)
    else:
        np.save(asked, rows)
    wanted = np.ravel(model.predict(rows))

    for form, keep in FORMS.items():
        keep(model, opener.folder / form)
        told = opener.ask("answered", path=str(opener.folder / form), rows=str(asked))
        assert told["kind"] == type(model).__name__
        np.testing.assert_allclose(told["answers"], wanted, rtol=1e-12)


@pytest.mark.parametrize("framework", ["xgboost", "lightgbm", "catboost"])
def test_a_booster_of_another_environment_answers(framework: str, tmp_path: Path) -> None:
    """Pickled by its own interpreter, opened by it; the scan knows the library beforehand."""
    try:
        python = python_of(framework)  # type: ignore[arg-type] # one of its groups
    except ToolError as error:
        pytest.skip(str(error))

    with Child("tests.support.frameworks", folder=tmp_path, python=python) as child:
        child.ask("pickled", framework=framework)
    for form in ("pkl", "joblib"):
        assert framework in scan(tmp_path / f"model.{form}").libraries
    with Child("tests.support.opens", folder=tmp_path, python=python) as child:
        for form in ("pkl", "joblib"):
            file, rows = str(tmp_path / f"model.{form}"), str(tmp_path / "rows.npy")
            told = child.ask("answered", path=file, rows=rows)
            assert np.array_equal(told["answers"], np.load(tmp_path / "answers.npy"))
