"""
What a model needs in its function beside what every model has: Pillow for images, a tokenizer.

An extra is the name of a lock of packages, `requirements/<extra>.txt`. Which ones a model needs is
in its own lock, where `wherry publish` wrote it from the artifact.
"""

from collections.abc import Sequence

EXTRAS = ("image", "text")


def closure_name(extras: Sequence[str]) -> str:
    """How the set is called where each has a folder of its own."""
    return "-".join(extras) or "base"
