"""As much of a model's function as a rollout on the local AWS sees, in four releases."""

import json
from typing import Any

from tests.support.operations import PYTHON, ROLE, zipped_text
from tests.support.stores import an_artifact
from wherry.artifact import Artifact
from wherry.manifest import GOLDEN, MODEL
from wherry_control.functions import ALIAS

FUNCTION = "wherry-dev-iris"
EXAMPLE = {"name": "one", "inputs": {"features": [[1, 2, 3, 4]]}, "expect": {"label": ["b"]}}
# Its answers and its lines.
SERVED = """
import json, os, time
def handler(event, context):
    if event.get("hang"):
        time.sleep(60)
    release = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
    probe = event.get("requestContext", {}).get("stage") == "golden"
    print(json.dumps({"message": "prediction", "model": "iris", "release": release, "status": 200,
                      "Slow": 0, "Latency": 3.5, "probe": probe}))
    label = os.environ["LABEL"]
    outputs = [{"name": "label", "data": [label]}]
    return {"statusCode": 200, "body": json.dumps({"outputs": outputs})}
"""


def artifact(marker: str) -> Artifact:
    """With one golden example."""
    made = an_artifact("iris", marker)
    golden = json.dumps({"examples": [EXAMPLE]}).encode()
    return Artifact.seal(made.manifest, {MODEL: made.files[MODEL], GOLDEN: golden})


def release(client: Any, one: str, two: str) -> None:
    """Four versions: stable, a good one, one that takes b for a, and one with another model."""
    for number, (label, digest) in enumerate((("b", one), ("b", one), ("a", one), ("b", two)), 1):
        told = {"WHERRY_MODEL_VERSION": str(number), "WHERRY_DIGEST": digest, "LABEL": label}
        if number == 1:
            client.create_function(
                FunctionName=FUNCTION,
                Runtime=f"python{PYTHON}",
                Role=ROLE,
                Handler="app.handler",
                Timeout=2,
                Code={"ZipFile": zipped_text("app.py", SERVED)},
                Environment={"Variables": told},
            )
        else:
            client.update_function_configuration(
                FunctionName=FUNCTION, Environment={"Variables": told}
            )
        client.publish_version(FunctionName=FUNCTION)
    client.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="1")
