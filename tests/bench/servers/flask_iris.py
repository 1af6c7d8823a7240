"""iris as many first serve it, Flask and a pickle: `gunicorn flask_iris:app`."""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, jsonify, request

app = Flask(__name__)
model = pickle.loads(Path(os.environ["IRIS_PICKLE"]).read_bytes())  # noqa: S301 - made by this run


@app.post("/predict")
def predict() -> Any:
    """Rows in, labels out."""
    rows = np.array(request.get_json()["features"], np.float32)
    return jsonify({"label": model.predict(rows).tolist()})
