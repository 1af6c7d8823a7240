"""
Files of PyTorch (.pt, .pth, .pt2) before PyTorch touches them: a zip of plain members, bounded.

It still goes to a child, and there to `torch.load(weights_only=True)` or a reader as strict.
"""

from pathlib import Path

from models.preparation.untrusted.zips import checked_zip
from wherry.errors import UnsafeError

ZIP = b"PK"


def checked_torch(path: Path) -> frozenset[str]:
    """The names of its members; UnsafeError for the old format, which is a bare pickle."""
    with path.open("rb") as file:
        if file.read(len(ZIP)) != ZIP:
            raise UnsafeError(
                path.name,
                "it is no zip: PyTorch before 1.6 wrote bare pickles",
                "Save it again with a PyTorch of today, by `torch.export.save`.",
            )
    return checked_zip(path)
