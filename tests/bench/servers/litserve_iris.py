"""iris on LitServe: `python litserve_iris.py MODEL PORT`."""

import sys
from typing import Any

import litserve
import numpy as np
import onnxruntime


class Iris(litserve.LitAPI):
    """The four methods that LitServe asks for."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - the CPU is the only one
        self.session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])

    def decode_request(self, request: dict[str, Any]) -> Any:
        return np.array(request["features"], np.float32)

    def predict(self, features: Any) -> Any:
        return self.session.run(["label"], {"features": features})[0]

    def encode_response(self, output: Any) -> dict[str, Any]:
        return {"label": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Iris(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="warning"
    )
