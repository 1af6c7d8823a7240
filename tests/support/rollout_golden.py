"""An artifact with golden examples, and the answers of a function that serves it."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from wherry.artifact import Artifact
from wherry.manifest import GOLDEN, Manifest, Parity, TensorSpec

GOOD = [0.9, 0.1, 0.8, 0.2]
EXAMPLE = {
    "name": "setosa",
    "inputs": {"features": [[5.1, 3.5], [4.9, 3.0]]},
    "expect": {"label": [0, 0], "probabilities": [[0.9, 0.1], [0.8, 0.2]]},
}


def artifact(*examples: Mapping[str, Any]) -> Artifact:
    manifest = Manifest(
        model="iris",
        task="classification",
        estimator="RandomForestClassifier",
        inputs=(TensorSpec(name="features", datatype="FP32", shape=(-1, 2)),),
        outputs=(TensorSpec(name="label", datatype="INT64", shape=(-1,)),),
        ir_version=10,
        opsets={"": 18},
        libraries={},
        training_data_sha256="a" * 64,
        metrics={},
        parity=Parity(rows=1, label_agreement=1, max_absolute_error=0, tolerance=1e-5),
        files={},
    )
    return Artifact.seal(manifest, {GOLDEN: json.dumps({"examples": examples}).encode()})


def answering(
    label: list[Any], probabilities: list[float], *, status: int = 200, encoded: bool = True
) -> dict[str, Any]:
    outputs = [
        {"name": "label", "datatype": "INT64", "shape": [2], "data": label},
        {"name": "probabilities", "datatype": "FP32", "shape": [2, 2], "data": probabilities},
    ]
    body = json.dumps({"outputs": outputs})
    told = base64.b64encode(body.encode()).decode() if encoded else body
    return {"statusCode": status, "body": told, "isBase64Encoded": encoded}
