"""
A child process that opens what nobody has vouched for, and frameworks that clash with ours.

It has no network, no credentials and no file but its own folder and the libraries; its time, memory
and disk are bounded. It refuses to work where this cannot be had.
"""

from models.preparation.sandbox.child import Child
from models.preparation.sandbox.limits import Limits

__all__ = ["Child", "Limits"]
