"""
Predictions for people: plain rows, CSV, an image or a text in; plain answers out.

Beside the protocol, never below it: it asks a `Service` as any library user does, so that both give
one answer. Knows no HTTP but the names of media types.
"""

from wherry.plain.predictor import PlainPredictor

__all__ = ["PlainPredictor"]
