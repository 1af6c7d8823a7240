"""
Run by the Python of MLflow's server: log real models to `TRACKING`, and register them as `wine`.

Version 1 is pickled and 2 in skops' format; `champion` is 2. Prints the run of each.
"""

import json
import sys
import warnings

import mlflow
from mlflow.models import infer_signature
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NAME = "wine"
COLUMNS = ["alcohol", "flavanoids", "color_intensity"]


def log(tracking: str) -> list[str]:
    mlflow.set_tracking_uri(tracking)
    table, y = load_wine(return_X_y=True, as_frame=True)
    rows = table[COLUMNS]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, y)
    signature, runs = infer_signature(rows, model.predict(rows)), []
    for written in ("cloudpickle", "skops"):
        with mlflow.start_run() as run:
            mlflow.set_tag("team", "cellar")
            mlflow.sklearn.log_model(
                model, name="model", registered_model_name=NAME, signature=signature,
                input_example=rows[:3], serialization_format=written,
                pip_requirements=["scikit-learn"],
            )  # fmt: skip
            runs.append(run.info.run_id)
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(NAME, "champion", "2")
    return runs


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(log(sys.argv[1])))  # noqa: T201 - what the test reads
