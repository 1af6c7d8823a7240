"""
How many rows on thresholds LightGBM's usual converter sends the wrong way, and how many ours does;
run in LightGBM's environment, it prints both and the number of rows.
"""

import json

import numpy as np
import onnxmltools
from lightgbm import LGBMClassifier
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer

from models.preparation.sources.estimators import EstimatorSource
from tests.support.rows import on_thresholds, wrong_rows
from wherry.session import Session


def main() -> None:
    table, y = load_breast_cancer(return_X_y=True)
    fitted = LGBMClassifier(n_estimators=200, verbosity=-1).fit(table, y)
    usual = onnxmltools.convert_lightgbm(
        fitted, initial_types=[("features", FloatTensorType([None, table.shape[1]]))], zipmap=False
    ).SerializeToString()
    source = EstimatorSource(fitted)
    rows = on_thresholds(usual, table)
    session = Session(usual, threads=1)
    told = session.run(["probabilities"], {"features": rows})[0]
    before = np.abs(told - source.answer({"features": rows})["probabilities"]).max(axis=1) > 1e-5
    after = wrong_rows(source, {"features": rows})
    print(json.dumps({"rows": len(rows), "before": int(before.sum()), "after": after}))  # noqa: T201 - it is asked for by a test


if __name__ == "__main__":
    main()
