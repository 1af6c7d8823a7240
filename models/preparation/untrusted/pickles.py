"""Pickle, joblib and skops files that nobody has vouched for: what they ask for, what they are."""

from models.preparation.untrusted.opening import load, opened
from models.preparation.untrusted.scanning import Scan, scan

__all__ = ["Scan", "load", "opened", "scan"]
