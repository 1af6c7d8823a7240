"""Parity: the converted model must answer like the trained one, on rows made to make it fail."""

from models.preparation.parity.certificate import Certificate
from models.preparation.parity.proving import Beside, prove

__all__ = ["Beside", "Certificate", "prove"]
