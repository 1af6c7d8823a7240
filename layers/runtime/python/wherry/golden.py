"""
When an answer is the one that a golden example expects: one rule for preparing and for rollouts.

Texts, labels and whole numbers must match; fractions may be off by a tolerance.
"""

import math
from typing import Any

TOLERANCE = 1e-4


def alike(told: Any, wanted: Any, tolerance: float) -> bool:
    """Compare values, or nested lists of them; `tolerance` is absolute."""
    if isinstance(wanted, list):
        return (
            isinstance(told, list)
            and len(told) == len(wanted)
            and all(alike(*pair, tolerance) for pair in zip(told, wanted, strict=True))
        )
    if isinstance(wanted, float) and isinstance(told, int | float):
        return math.isclose(told, wanted, rel_tol=0, abs_tol=tolerance)
    return bool(told == wanted)
