"""
The baseline: the handler that most people write first, and well: FastAPI, Mangum, typed bodies.

It shares nothing with Wherry. Its route is a plain `def`, which FastAPI runs in a thread, as its
tutorial shows it; its model's file is told by the environment.
"""

import os
from typing import Any

import numpy as np
import onnxruntime
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel


class Tensor(BaseModel):
    """One tensor of the protocol."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class InferRequest(BaseModel):
    id: str | None = None
    inputs: list[Tensor]


class InferResponse(BaseModel):
    model_name: str
    id: str | None = None
    outputs: list[Tensor]


app = FastAPI()
session: Any = onnxruntime.InferenceSession(
    os.environ["IDIOMATIC_MODEL"], providers=["CPUExecutionProvider"]
)
NAMES = [output.name for output in session.get_outputs()]


@app.post("/v2/models/{model}/infer")
def infer(model: str, request: InferRequest) -> InferResponse:
    """Tensors in, tensors out."""
    try:
        feeds = {
            tensor.name: np.array(tensor.data, np.float32).reshape(tensor.shape)
            for tensor in request.inputs
        }
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    found = session.run(NAMES, feeds)
    return InferResponse(
        model_name=model,
        id=request.id,
        outputs=[
            Tensor(
                name=name,
                shape=list(array.shape),
                datatype="BYTES" if array.dtype == object else "FP32",
                data=array.ravel().tolist(),
            )
            for name, array in zip(NAMES, found, strict=True)
        ],
    )


handler = Mangum(app, lifespan="off")
