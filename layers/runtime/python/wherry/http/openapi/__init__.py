"""
What the OpenAPI document says of one model: schemas made of its manifest, and each route's part.

Data only, and of JSON only: the document itself is FastAPI's to put together (`wherry.http.pages`).
"""

from wherry.http.openapi.operations import Operations

__all__ = ["Operations"]
