"""
Sketches: how the inputs and outputs of a prediction are spread, in bins that are the same for every
model and release, so that two releases can be compared and any two spans added.

`bins` needs nothing but Python, for those who read sketches; `sketcher` makes them.
"""

from wherry.sketch.bins import bin_range, number_bin

__all__ = ["bin_range", "number_bin"]
