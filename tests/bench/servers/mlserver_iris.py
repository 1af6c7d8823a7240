"""iris on MLServer, which has no ONNX runtime of its own: its settings name this class."""

from typing import Any

import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Iris(MLModel):
    """A custom runtime, as MLServer's documentation writes one."""

    async def load(self) -> bool:
        model = self.settings.parameters.uri
        self._session: Any = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        features = NumpyCodec.decode_input(payload.inputs[0]).astype(np.float32)
        label = self._session.run(["label"], {"features": features})[0]
        return InferenceResponse(
            model_name=self.name,
            outputs=[StringCodec.encode_output("label", label.tolist())],
        )
