"""
The app: V2 health, metadata and inference for one service, every answer in the protocol's shape.

It serves no page, no schema and no redirect, and never looks at a content type: the protocol's own
clients send none, or a wrong one.
"""

from fastapi import FastAPI

from wherry.evidence import Evidence
from wherry.http.errors import answer_errors_in_protocol_shape
from wherry.http.inference import Inference
from wherry.http.metadata import Metadata
from wherry.service import Service


def create_app(service: Service, *, evidence: Evidence | None = None) -> FastAPI:
    """Without `evidence`, predictions leave none."""
    app = FastAPI(
        title="Wherry", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.include_router(Metadata(service).router())
    app.include_router(Inference(service, evidence).router())
    answer_errors_in_protocol_shape(app)
    return app
