"""iris on BentoML: `bentoml serve bentoml_iris:Iris`."""

import os
from typing import Any

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1)
class Iris:
    """One method, typed, as BentoML's documentation writes it."""

    def __init__(self) -> None:
        self.session: Any = onnxruntime.InferenceSession(
            os.environ["IRIS_MODEL"], providers=["CPUExecutionProvider"]
        )

    @bentoml.api
    def predict(self, features: list[list[float]]) -> list[str]:
        """Rows in, labels out."""
        found = self.session.run(["label"], {"features": np.array(features, np.float32)})
        labels: list[str] = found[0].tolist()
        return labels
