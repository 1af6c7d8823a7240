"""
Micro-batching in `wherry serve`: requests that wait at once are computed at once, where that pays.

Not in the data plane: Lambda gives an environment one request at a time, and nothing waits there.
"""

from wherry_control.batching.app import BatchingApp

__all__ = ["BatchingApp"]
