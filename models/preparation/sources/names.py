"""Names that every part takes: of a framework's tensors, made plain and no two alike."""

import re
from collections.abc import Sequence

ODD = re.compile(r"[^A-Za-z0-9_]+")
RESERVED = frozenset({"label", "probabilities", "prediction"})  # how models answer


def plain_names(names: Sequence[str], *, avoid: frozenset[str] = frozenset()) -> list[str]:
    """Letters, digits and `_`, no digit first; `:0` at the end, TensorFlow's, is left out."""
    made: list[str] = []
    for name in names:
        plain = ODD.sub("_", name.removesuffix(":0"))
        plain = f"x{plain}" if not plain or plain[0].isdigit() else plain
        wanted, number = plain, 2
        while plain in avoid or plain in made:
            plain, number = f"{wanted}_{number}", number + 1
        made.append(plain)
    return made
