"""
Models of a boosting library, trained on data that scikit-learn ships; run in its environment:
`python -m tests.support.boosting xgboost FOLDER` writes the files of each case there.
"""

import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.support.rows import with_holes

CASES = {
    "xgboost": ("holed.json", "three.ubj", "counts.json", "dart.json"),
    "lightgbm": ("holed.txt", "three.txt", "counts.txt", "votes.txt"),
    "catboost": ("holed.cbm", "three.cbm", "counts.cbm", "leaves.cbm"),
}
PIPELINES = ("pipeline.joblib", "pipeline.skops")
ALONE = "alone.joblib"
CATEGORIES = {
    "xgboost": "categories.json",
    "lightgbm": "categories.txt",
    "catboost": "categories.cbm",
}


def rows_of(case: str) -> np.ndarray[Any, Any]:
    """What the case learnt from, as a client sends it."""
    load = {"three": load_iris, "counts": load_diabetes}.get(case.partition(".")[0])
    table = (load or load_breast_cancer)(return_X_y=True)[0].astype(np.float32)
    return with_holes(table) if case.startswith("holed") else table


def truth_of(case: str) -> np.ndarray[Any, Any]:
    load = {"three": load_iris, "counts": load_diabetes}.get(case.partition(".")[0])
    return np.asarray((load or load_breast_cancer)(return_X_y=True)[1])


def xgboost(folder: Path) -> Any:
    from xgboost import XGBClassifier, XGBRegressor

    models = {
        "holed.json": XGBClassifier(n_estimators=20),
        "three.ubj": XGBClassifier(n_estimators=10),
        "counts.json": XGBRegressor(n_estimators=20, objective="count:poisson"),
        "dart.json": XGBClassifier(n_estimators=20, booster="dart", rate_drop=0.3),
    }
    for case, model in models.items():
        model.fit(rows_of(case), truth_of(case)).save_model(folder / case)
    frame = _frame()
    XGBClassifier(n_estimators=5, enable_categorical=True).fit(frame, truth_of("three")).save_model(
        folder / CATEGORIES["xgboost"]
    )
    return XGBClassifier(n_estimators=10)


def lightgbm(folder: Path) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    models = {
        "holed.txt": LGBMClassifier(n_estimators=20, verbosity=-1),
        "three.txt": LGBMClassifier(n_estimators=10, verbosity=-1),
        "counts.txt": LGBMRegressor(n_estimators=20, objective="poisson", verbosity=-1),
        "votes.txt": LGBMClassifier(
            n_estimators=20, boosting_type="rf", subsample=0.5, subsample_freq=1, verbosity=-1
        ),
    }
    for case, model in models.items():
        model.fit(rows_of(case), truth_of(case)).booster_.save_model(folder / case)
    fitted = LGBMClassifier(n_estimators=5, verbosity=-1).fit(_frame(), truth_of("three"))
    fitted.booster_.save_model(folder / CATEGORIES["lightgbm"])
    return LGBMClassifier(n_estimators=10, verbosity=-1)


def catboost(folder: Path) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    told = {"iterations": 20, "verbose": False, "allow_writing_files": False}
    models = {
        "holed.cbm": CatBoostClassifier(**told, nan_mode="Max"),
        "three.cbm": CatBoostClassifier(**told),
        "counts.cbm": CatBoostRegressor(**told, loss_function="Poisson"),
        "leaves.cbm": CatBoostClassifier(**told, grow_policy="Lossguide"),
    }
    for case, model in models.items():
        model.fit(rows_of(case), truth_of(case)).save_model(str(folder / case))
    frame = _frame().astype({"kind": str})
    fitted = CatBoostClassifier(**told, cat_features=["kind"]).fit(frame, truth_of("three"))
    fitted.save_model(str(folder / CATEGORIES["catboost"]))
    return CatBoostClassifier(**told)


def _frame() -> Any:
    import pandas as pd

    frame = pd.DataFrame(rows_of("three"), columns=list("abcd"))
    frame["kind"] = pd.Series(truth_of("three").astype(str)).astype("category")
    return frame


def main(framework: str, folder: Path) -> None:
    import skops.io

    model = {"xgboost": xgboost, "lightgbm": lightgbm, "catboost": catboost}[framework](folder)
    table, y = rows_of("pipeline"), truth_of("pipeline")
    pipeline = make_pipeline(StandardScaler(), model).fit(table, y)
    joblib.dump(pipeline, folder / PIPELINES[0])
    skops.io.dump(pipeline, folder / PIPELINES[1])
    joblib.dump(model.fit(table, y), folder / ALONE)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
