"""
What one would write: pandas reads, the estimator predicts on all cores, pandas writes.

`python batch_pandas.py ESTIMATOR.joblib INPUT.parquet OUTPUT.parquet [PACKAGES]`, where PACKAGES is
a folder with the estimator's own library.
"""

import sys

import joblib
import pandas as pd

sys.path.extend(sys.argv[4:])
model = joblib.load(sys.argv[1])
if hasattr(model, "n_jobs"):
    model.set_params(n_jobs=-1)
rows = pd.read_parquet(sys.argv[2])
chances = model.predict_proba(rows.to_numpy())
answers = pd.DataFrame(chances, columns=[f"probabilities.{label}" for label in model.classes_])
answers.insert(0, "label", model.classes_[chances.argmax(axis=1)])
answers.to_parquet(sys.argv[3])
